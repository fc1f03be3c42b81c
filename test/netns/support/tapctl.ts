/** `node dist/tapctl.js` for one switch. */

import { join } from 'node:path';
import { type Command, type Finished, run } from './command';

const TAPCTL = join(__dirname, '../../../dist/tapctl.js');

export class Tapctl {
  constructor(private readonly controlPath: string) {}

  /** The command line, as an array. */
  command(...args: string[]): Command {
    return [process.execPath, TAPCTL, '--control', this.controlPath, ...args];
  }

  /** @param line words behind `tapctl`, without quotes */
  run(line: string): Promise<Finished> {
    return run(this.command(...line.split(' ').filter((word) => word !== '')));
  }

  /** Output of a command as JSON. */
  async json(line: string): Promise<unknown> {
    const { status, stdout, stderr } = await this.run(`--json ${line}`);
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as unknown;
  }
}
