/** Rights of a user that is not root on TUN/TAP devices, and the messages of denied calls. */

import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createTap, showTap } from '../../src';
import { describeNetns } from './describe-netns';
import type { Finished } from './support/command';
import type { Host } from './support/host';
import { Lab } from './support/lab';
import { asPlainUser } from './support/plain-user';
import { tunTapNames } from './support/tuntap';

const DIST = join(__dirname, '../../dist');
/** A command changed by `asPlainUser`. */
const USER = 65534;
const ANOTHER_USER = 1;
const OPEN_TO_ALL = '666';
const OPEN_TO_ROOT = '600';

describeNetns('a plain user', () => {
  const lab = new Lab();
  let host: Host;
  beforeEach(async () => {
    host = await lab.host();
    createTap({ name: 'mine', netns: host.netns, user: USER });
    createTap({ name: 'ours', netns: host.netns, group: USER });
    createTap({ name: 'theirs', netns: host.netns, user: ANOTHER_USER });
    createTap({ name: 'half', netns: host.netns, user: USER, group: ANOTHER_USER });
  });
  afterEach(() => lab.clear());

  function tapctl(line: string, tunMode = OPEN_TO_ALL): Promise<Finished> {
    const command = [process.execPath, join(DIST, 'tapctl.js'), ...line.split(' ')];
    return host.run([...asPlainUser(tunMode), ...command]);
  }

  /** Opens a TAP, and prints its name or the error. */
  async function open(options: object, tunMode = OPEN_TO_ALL): Promise<string> {
    const source = `
      const { openTap } = require('${DIST}');
      try {
        const tap = openTap(${JSON.stringify(options)});
        console.log(tap.name);
        tap.close();
      } catch ({ code, message }) {
        console.log(code, message);
      }`;
    const command = [...asPlainUser(tunMode), process.execPath, '-e', source];
    return (await host.mustRun(command)).trim();
  }

  test.each(['mine', 'ours'])('attaches to an own device: %s', async (name) => {
    expect(await open({ name, onlyExisting: true })).toBe(name);
  });

  test.each(['theirs', 'half'])("is denied another user's device: %s", async (name) => {
    expect(await open({ name })).toBe(
      `EPERM ${name}: this TAP belongs to another user (EPERM); run with sudo, or become its owner`,
    );
  });

  test('gets a message with the capability that making a device takes', async () => {
    expect(await open({ name: 'new' })).toBe(
      'EPERM new: may not create a TAP, which takes CAP_NET_ADMIN (EPERM); run with sudo, or have ' +
        'it made for you: sudo ip tuntap add new mode tap user $USER',
    );
  });

  test('gets a message that /dev/net/tun is not accessible', async () => {
    expect(await open({ name: 'mine' }, OPEN_TO_ROOT)).toBe(
      'EACCES mine: may not open /dev/net/tun, mode 0600 of root (EACCES); run with sudo',
    );
  });

  test('may not change the settings of an own device, and changes nothing', async () => {
    const before = showTap('mine', host);
    expect(await open({ name: 'mine', mtu: 1400 })).toBe(
      'EPERM mine: the kernel refuses an MTU of 1400 (EPERM); run with sudo, or have root set it ' +
        'before',
    );
    expect(showTap('mine', host)).toEqual(before);
  });

  test('lists devices, and removes own ones only', async () => {
    const { stdout } = await tapctl('tap list');
    expect(stdout.match(/^\w+/gm)).toEqual(['NAME', 'half', 'mine', 'ours', 'theirs']);
    const refused = await tapctl('tap del theirs');
    expect([refused.status, refused.stderr]).toEqual([
      1,
      'tapctl: theirs: this TAP belongs to another user (EPERM); run with sudo, or become its owner\n',
    ]);
    expect(await tapctl('tap del mine')).toMatchObject({ status: 0, stderr: '' });
    expect((await tunTapNames(host.netns)).sort()).toEqual(['half', 'ours', 'theirs']);
  });

  test('may not enter another namespace', async () => {
    const { status, stderr } = await tapctl(`tap add new@${host.netns}`);
    expect(stderr).toMatch(
      /^tapctl: new@\S+: may not enter the network namespace \S+ \(EPERM\); run/,
    );
    expect(status).toBe(1);
  });
});
