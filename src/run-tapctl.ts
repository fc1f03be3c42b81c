/** The operator's tool: from its command line to its exit status. Its commands are in `tapctl/`. */

import { CommanderError } from 'commander';
import { printable, printableLines } from './system/printable';
import { UsageError } from './system/usage-error';
import { AddonError } from './native/addon-error';
import { StartError } from './system/start-error';
import { STDERR, outputRefusal, writeWhole } from './terminal/standard-streams';
import { createProgram } from './tapctl/program';

const EXIT_REFUSED = 1;
const EXIT_USAGE = 2;

/** Runs the command of the command line. It sets the exit status. */
export async function runTapctl(): Promise<void> {
  process.stdout.on('error', endWithoutOutput);
  process.stderr.on('error', () => undefined);
  try {
    await createProgram().parseAsync();
  } catch (error) {
    process.exitCode = complain(error);
  }
}

/**
 * Ends the program when its output cannot be written. EPIPE is no failure: a reader such as `head` has read
 * enough. Any other error, such as a full disk, is.
 */
function endWithoutOutput(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit();
  writeWhole(STDERR, `tapctl: ${outputRefusal(error)}\n`);
  process.exit(EXIT_REFUSED);
}

/** Reports an error: one line for a mistake of the user or a refusal, otherwise a stack. @returns the status */
function complain(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has reported the error already.
    return error.exitCode === 0 ? 0 : EXIT_USAGE;
  }
  if (error instanceof UsageError) {
    writeWhole(STDERR, error.lines.map((line) => `tapctl: ${line}\n`).join(''));
    return error.exitStatus;
  }
  const text =
    error instanceof StartError || error instanceof AddonError
      ? printable(error.message)
      : printableLines((error as Error).stack ?? String(error));
  writeWhole(STDERR, `tapctl: ${text}\n`);
  return EXIT_REFUSED;
}
