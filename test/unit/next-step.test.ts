/** The line after `ready`. */

import { expect, test } from '@jest/globals';
import { type Started, nextStep } from '../../src/next-step';

const started: Started = { name: 'br0', isControlled: true };

test.each<[string, Partial<Started>, string]>([
  ['shows the live view', {}, 'next, in another terminal: node dist/tapctl.js top'],
  [
    'names a switch',
    { name: 'lab' },
    'next, in another terminal: node dist/tapctl.js --name lab top',
  ],
  [
    'names the socket of a switch',
    { name: 'lab', control: '/run/c.sock' },
    'next, in another terminal: node dist/tapctl.js --control /run/c.sock top',
  ],
  [
    'names the command that makes a host of a TAP of the switch',
    { madeTap: 'tap0' },
    'next, in another terminal: node dist/tapctl.js top; a host: ip link set tap0 netns NAME',
  ],
  [
    'makes a host, without a control socket',
    { isControlled: false, control: 'none', madeTap: 'tap0' },
    'next, in another terminal: a host: ip link set tap0 netns NAME',
  ],
  [
    'has the sudo of a switch that was started by it',
    { madeTap: 'tap0', environment: { SUDO_UID: '1000' } },
    'next, in another terminal: sudo node dist/tapctl.js top; a host: sudo ip link set tap0 netns NAME',
  ],
  [
    'has the npx of a switch that was started by it',
    { environment: { SUDO_UID: '1000', npm_command: 'exec' } },
    'next, in another terminal: sudo npx node dist/tapctl.js top',
  ],
])('%s', (_, changes, line) => {
  expect(nextStep({ ...started, ...changes })).toBe(line);
});

test('there is none without a control socket and without such a TAP', () => {
  expect(nextStep({ ...started, isControlled: false })).toBeUndefined();
});
