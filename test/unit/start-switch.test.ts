import { describe, expect, test } from '@jest/globals';
import { type SwitchOptions, startSwitch } from '../../src/start-switch';

/** Should one slip through: it cannot be opened. */
const PORT = 'lo';
const ADDRESS = { address: '192.0.2.1', prefixLength: 24, family: 4 } as const;

describe('startSwitch refuses what the command line refuses, before it opens anything:', () => {
  test.each<[what: string, options: SwitchOptions, complaint: string]>([
    [
      'inspection by a hub',
      { ports: [PORT], inspect: true, ageingMs: 0 },
      '--inspect: needs to learn where stations are; give an --ageing other than 0',
    ],
    [
      'a binding to a port that there will not be',
      {
        ports: [PORT],
        neighbours: [{ address: '192.0.2.7', mac: '02:00:00:00:00:07', port: 'tap9' }],
      },
      '--neigh: 192.0.2.7: no port tap9; the ports are: lo',
    ],
    [
      'a port twice',
      { ports: [PORT, { name: PORT, persist: true }] },
      'ports: lo is given twice; once is enough',
    ],
    [
      'an address twice',
      { ports: [PORT], addresses: [ADDRESS, { ...ADDRESS, prefixLength: 25 }] },
      '--address: 192.0.2.1 is given twice; once is enough',
    ],
    [
      'what cannot be a port',
      { ports: ['lo,mtu=5'] },
      'mtu: expected a whole number of bytes from 68 to 65521, got "5"',
    ],
  ])('%s', async (_, options, complaint) => {
    await expect(startSwitch(options)).rejects.toMatchObject({
      name: 'ValueError',
      message: complaint,
    });
  });
});
