/** Context of every tapctl command: the global options, a client of the switch, and the output. */

import type { Command } from 'commander';
import { interfaceName } from '../config/values/interface-name';
import { printable } from '../system/printable';
import { ValueError, at } from '../config/values/rule';
import { UsageError } from '../system/usage-error';
import { defaultControlPaths } from '../api/control-path';
import { type Cell, type Line, paintFor, painted, renderLine, tableLines } from '../terminal/table';
import { SwitchClient } from '../api/client';

const DEFAULT_NAME = 'br0';

interface GlobalOptions {
  readonly name?: string;
  readonly control?: string;
  readonly json?: boolean;
}

export class Context {
  private readonly paint = paintFor(process.stdout);

  constructor(private readonly program: Command) {}

  /** Client of the switch that `--name` or `--control` selects. */
  get client(): SwitchClient {
    const { name = DEFAULT_NAME, control } = this.options;
    const paths = control === undefined ? defaultControlPaths(checked(name)) : [control];
    return new SwitchClient(paths);
  }

  get isJson(): boolean {
    return this.options.json === true;
  }

  /** Whether a person reads standard output, and has not asked for JSON. */
  get isForPeople(): boolean {
    return process.stdout.isTTY && !this.isJson;
  }

  /** Prints an answer: as JSON for programs, or as the lines of `render` for people. */
  print<T>(answer: T, render: (answer: T) => readonly Line[]): void {
    const lines = this.isJson
      ? [printable(JSON.stringify(answer))]
      : render(answer).map((line) => this.rendered(line));
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  }

  /** Text of a line for standard output. */
  rendered(line: Line): string {
    return renderLine(line, this.paint);
  }

  table(head: readonly string[], rows: readonly (readonly Cell[])[]): Line[] {
    const [first = '', ...rest] = tableLines(head, rows);
    return [painted('bold', first), ...rest];
  }

  private get options(): GlobalOptions {
    return this.program.opts();
  }
}

/** @throws UsageError for a text that cannot be the name of a switch. */
function checked(name: string): string {
  try {
    return at('--name', () => interfaceName.fromText(name));
  } catch (error) {
    throw error instanceof ValueError ? new UsageError(error.message) : error;
  }
}
