/**
 * The gap for hosts when the switch is killed (SIGKILL) and started again at once, on TAPs that persist:
 * the longest gap between the answers to a ping every 10 ms. A service manager adds its own wait before
 * the start (100 ms in contrib/tapswitch@.service).
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { Child, inNetns } from '../child';
import type { Host } from '../lab';
import { summarize } from '../stats';
import { OperatedSwitch } from './switch';
import { table } from './table';

const PING_INTERVAL_S = '0.01';
/** Pings before and after the gap. */
const AROUND_MS = 500;

export async function measureRestarts(repeats: number): Promise<string[]> {
  const gapsMs: number[] = [];
  const running = await OperatedSwitch.start({ hosts: 2, ports: 2, keys: ',persist' });
  const [from, to] = running.hosts as [Host, Host];
  try {
    for (let repeat = 0; repeat < repeats; repeat++) {
      const command = ['ping', '-n', '-D', '-i', PING_INTERVAL_S, to.address];
      const pings = new Child(inNetns(from.netns, command));
      await sleep(AROUND_MS);
      await running.kill();
      await running.run();
      await sleep(AROUND_MS);
      await pings.stop();
      gapsMs.push(longestGapMs(pings.stdout));
    }
  } finally {
    await running.stop();
  }
  const { median, min, max } = summarize(gapsMs);
  return table(
    ['killed and started again', 'restarts', 'median', 'shortest', 'longest'],
    [
      [
        'gap between answers, ms',
        String(repeats),
        ...[median, min, max].map((ms) => ms.toFixed(0)),
      ],
    ],
  );
}

/** @param stdout output of ping: lines such as `[1700000000.123456] 64 bytes from …` */
function longestGapMs(stdout: string): number {
  const stampsS = [...stdout.matchAll(/^\[(\d+\.\d+)\] \d+ bytes from/gm)].map(([, stamp]) =>
    Number(stamp),
  );
  const gapsS = stampsS.slice(1).map((stamp, index) => stamp - stampsS[index]!);
  if (gapsS.length === 0) throw new Error(`no answers: ${stdout}`);
  return 1000 * Math.max(...gapsS);
}
