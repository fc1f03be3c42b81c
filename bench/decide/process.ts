/**
 * The bench's side of `decide`: starts one process on the switch's CPU and requests turns from it.
 */

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { SWITCH_CPU } from '../child';
import { cpuCount } from '../proc';
import type { Tree } from '../tree';
import { undoLater } from '../undo';
import type { Turn } from './program';

const PROGRAM = join(__dirname, 'program.js');
const NODE = [process.execPath, '--expose-gc', '--no-concurrent-recompilation'];

export class DecideProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly forget: () => void,
  ) {}

  /** Resolves when everything is compiled and warm. */
  static async start({ library }: Tree): Promise<DecideProcess> {
    const cpu = Math.min(SWITCH_CPU, cpuCount() - 1);
    const child = fork(PROGRAM, [library], {
      execPath: 'taskset',
      execArgv: ['--cpu-list', String(cpu), ...NODE],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const forget = undoLater(() => child.kill('SIGKILL'));
    const started = new DecideProcess(child, forget);
    try {
      await started.nextMessage();
      return started;
    } catch (error) {
      started.stop();
      throw error;
    }
  }

  async takeTurn(): Promise<Turn> {
    this.child.send('turn');
    return (await this.nextMessage()) as Turn;
  }

  stop(): void {
    this.child.kill('SIGKILL');
    this.forget();
  }

  private async nextMessage(): Promise<unknown> {
    const { child } = this;
    const end = new AbortController();
    let complaint = '';
    const listen = (data: unknown): void => void (complaint += String(data));
    child.stderr!.on('data', listen);
    try {
      const message = once(child, 'message', { signal: end.signal });
      const ended = once(child, 'close', { signal: end.signal }).then(() => {
        const error = /^\w*Error: (.*)$/m.exec(complaint)?.[1] ?? complaint.trim();
        throw new Error(`the process that decides has ended: ${error}`);
      });
      for (const promise of [message, ended]) promise.catch(() => undefined);
      const [answer] = (await Promise.race([message, ended])) as [unknown];
      return answer;
    } finally {
      end.abort();
      child.stderr!.off('data', listen);
    }
  }
}
