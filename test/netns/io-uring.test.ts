/** Bursts go through io_uring where the kernel allows it, and work without it elsewhere. */

import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { createTap } from '../../src';
import { describeNetns } from './describe-netns';
import type { Command } from './support/command';
import { python } from './support/host';
import { Lab } from './support/lab';
import { asPlainUser } from './support/plain-user';
import { type SwitchProcess, switchCommand } from './support/switch-process';
import { tcpStream } from './support/tcp-stream';
import { until } from './support/until';

const REFUSED = 'io_uring is not available; frames take more system calls';
const OPEN_TO_ALL = '666';
/** A command changed by `asPlainUser`. */
const USER = 65534;

/** A lab whose switches start behind `prefix`. */
const labBehind = (prefix: Command): Lab =>
  new Lab((...args) => [...prefix, ...switchCommand(...args)]);

function hasRing({ process }: SwitchProcess): boolean {
  const folder = `/proc/${process.pid}/fd`;
  return readdirSync(folder).some((fd) => readlinkSync(`${folder}/${fd}`).includes('io_uring'));
}

/** Memory that cannot be paged out because io_uring uses it: proc(5). */
function pinnedKb({ process }: SwitchProcess): number {
  const status = readFileSync(`/proc/${process.pid}/status`, 'utf8');
  return Number(/^VmPin:\s+(\d+) kB$/m.exec(status)?.[1]);
}

const refusals = ({ log }: SwitchProcess): unknown[] =>
  log.filter(({ message }) => message === REFUSED).map(({ why }) => why);

describeNetns('io_uring', () => {
  let lab = new Lab();
  afterEach(() => lab.clear());

  async function expectTraffic(...options: string[]): Promise<SwitchProcess> {
    const [from, to] = await lab.hosts(2);
    const started = await lab.connect([from, to], ...options);
    const pings = await to.floodPing(from.ipv4);
    const { sent, received } = await tcpStream(from, to, to.ipv4, 100_000_000);
    expect(received).toBe(sent);
    const count = await pings.stop();
    expect(count.received).toBe(count.sent);
    return started;
  }

  test('is used', async () => {
    lab = new Lab();
    const started = await expectTraffic();
    expect(hasRing(started)).toBe(true);
    expect(refusals(started)).toEqual([]);
  });

  test('is not used with --no-io-uring, and the log does not mention it', async () => {
    lab = new Lab();
    const started = await expectTraffic('--no-io-uring');
    expect(hasRing(started)).toBe(false);
    expect(refusals(started)).toEqual([]);
  });

  test('is not used if it is forbidden, and the log says so once', async () => {
    lab = labBehind(python('without_io_uring.py'));
    const started = await expectTraffic();
    expect(hasRing(started)).toBe(false);
    expect(refusals(started)).toEqual(['data plane: io_uring_setup: Operation not permitted']);
  });

  test.each([
    { what: 'holds on to the memory of the frames', limitBytes: 8 << 20, isPinned: true },
    { what: 'goes without that where a user may not', limitBytes: 1 << 20, isPinned: false },
  ])('$what', async ({ limitBytes, isPinned }) => {
    lab = labBehind(['prlimit', `--memlock=${limitBytes}`, ...asPlainUser(OPEN_TO_ALL)]);
    const host = await lab.host({ isQuiet: true });
    for (const name of ['one', 'two']) {
      createTap({ name, netns: host.netns, user: USER, up: true });
    }
    const started = await lab.startSwitchIn(host, '--control', 'none', 'one', 'two');
    expect(hasRing(started)).toBe(true);
    expect(pinnedKb(started) > 0).toBe(isPinned);

    const frame = `ffffffffffff 020000000001 88b5 ${'5a'.repeat(46)}`.replaceAll(' ', '');
    await host.mustRun(python('send_frames.py', 'one'), { input: `${frame} 1000` });
    await until(
      async () => (await started.port('two'))['TX-FRAMES'] === '1000',
      'a thousand frames have left by the other port',
    );
    expect(await host.countReceived('two')).toBe(1000);
  });
});
