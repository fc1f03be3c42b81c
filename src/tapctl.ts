#!/usr/bin/env -S node --inspect-port=[fe80::1]:0
/** `node dist/tapctl.js`: the operator's tool. What it does is in `tapctl/`. */

import './sigusr1';
import { CommanderError } from 'commander';
import { printable, printableLines } from './config/printable';
import { UsageError } from './config/usage-error';
import { StartError } from './control/start-error';
import { createProgram } from './tapctl/program';

const EXIT_REFUSED = 1;
const EXIT_USAGE = 2;

async function main(): Promise<void> {
  // Who reads through `head` has seen enough.
  process.stdout.on('error', () => process.exit());
  try {
    await createProgram().parseAsync();
  } catch (error) {
    process.exitCode = complain(error);
  }
}

/** One line for a mistake of the user's or a refusal; a stack only for our own. */
function complain(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has said what was wrong.
    return error.exitCode === 0 ? 0 : EXIT_USAGE;
  }
  if (error instanceof UsageError) {
    for (const line of error.lines) process.stderr.write(`tapctl: ${line}\n`);
    return error.exitStatus;
  }
  const text =
    error instanceof StartError
      ? printable(error.message)
      : printableLines((error as Error).stack ?? String(error));
  process.stderr.write(`tapctl: ${text}\n`);
  return EXIT_REFUSED;
}

void main();
