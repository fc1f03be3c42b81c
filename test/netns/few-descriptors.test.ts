/** A limit on file descriptors that is too low: the switch prints one line with the limit to raise. */

import { afterAll, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { run } from './support/command';
import { Lab } from './support/lab';
import { switchCommand } from './support/switch-process';

describeNetns('a switch with few descriptors', () => {
  const lab = new Lab();
  afterAll(() => lab.clear());

  /** Limits. With fewer than about 20, Node itself cannot read a program. */
  const LIMITS = [21, 24, 27, 30, 33, 36, 40, 48, 63];

  test.each(LIMITS)('says so in one line, and leaves nothing behind: %d', async (limit) => {
    const { status, stderr } = await run(limited(limit, 'limit0', 'limit1,persist'));
    expect(status).toBe(1);
    expect(stderr).toMatch(/^switch: .*file descriptor.*; raise the limit: ulimit -n\n$/);
  });

  test('names the port that gets none', async () => {
    const host = await lab.host({ isQuiet: true });
    const ports = Array.from({ length: 40 }, (_, index) => `limit${index}@${host.netns}`);
    const { status, stderr } = await run(limited(64, ...ports));
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^switch: (limit\d+@\S+: )?no file descriptor is left \(EMFILE\); raise the limit: ulimit -n\n$/,
    );
    expect(await host.ip('-br link show type tun')).toBe('');
  });

  function limited(limit: number, ...ports: string[]): string[] {
    const words = switchCommand('--control', 'none', ...ports).map((word) => `'${word}'`);
    return ['bash', '-c', `ulimit -n ${limit}; exec ${words.join(' ')}`];
  }
});
