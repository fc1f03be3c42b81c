/** `tapctl capture`: frames as they come and go, into a file or straight into Wireshark. */

import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { getSystemErrorMap } from 'node:util';
import type { Command } from 'commander';
import { WholeBlocks } from '../../capture/whole-blocks';
import { UsageError } from '../../system/usage-error';
import { StartError } from '../../system/start-error';
import type { Context } from '../context';
import { resource, withQuery } from '../../api/client';

interface CaptureOptions {
  readonly write: string;
  readonly snaplen?: string;
  readonly count?: string;
  readonly direction?: string;
  readonly filter?: string;
}

const EXAMPLES = `
Filters are in the words of tcpdump: host, port, src, dst, ether host|src|dst|proto,
arp, ip, ip6, icmp, icmp6, tcp, udp, vlan, with and, or, not and parentheses.

Examples:
  tapctl capture -w lab.pcapng --count 1000
  tapctl capture tap0 -w - | wireshark -k -i -
  tapctl capture tap0 tap1 -w - --filter 'arp or icmp6' | tshark -r -
`.trimEnd();

export function addCaptureCommand(program: Command, context: Context): void {
  program
    .command('capture')
    .argument('[PORT...]', 'all ports unless given')
    .description('pcapng of what ports receive and send')
    .option('-w, --write <FILE>', 'where it goes; "-" is standard output', '-')
    .option('--snaplen <BYTES>', 'keep so much of a frame at most')
    .option('--count <FRAMES>', 'end after so many')
    .option('--direction <WORD>', 'in: received by the switch; out: sent by it; both (default)')
    .option('--filter <WORDS>', 'only these frames')
    .addHelpText('after', EXAMPLES)
    .action(async (ports: string[], { write, ...limits }: CaptureOptions) => {
      if (write === '-' && process.stdout.isTTY) {
        throw new UsageError('a capture is no text for a terminal; give -w FILE, or a pipe');
      }
      const url = withQuery(resource('capture'), { port: ports, ...limits });
      const capture = await context.client.open('GET', url);
      try {
        await receive(capture, await openOutput(write), write);
      } finally {
        // It has no end of its own: while it is open, so is this program.
        capture.destroy();
      }
    });
}

/**
 * Until the capture ends, or the user has enough.
 * @throws StartError where the switch ends before; the output has what came until then
 */
async function receive(capture: IncomingMessage, output: Writable, file: string): Promise<void> {
  const blocks = new WholeBlocks();
  let isStopped = false;
  const end = (): void => {
    capture.unpipe(blocks);
    capture.destroy();
    blocks.end();
  };
  const stop = (): void => {
    isStopped = true;
    end();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  // A switch that ends breaks off its answers.
  capture.on('error', end);
  capture.pipe(blocks);
  try {
    await pipeline(blocks, output, { end: output !== process.stdout });
  } catch (error) {
    if (output === process.stdout) throw error;
    throw unwritable(file, error as NodeJS.ErrnoException, 'make room');
  }
  if (isStopped || capture.complete) return;
  throw new StartError('the switch ended; what it captured before is there');
}

async function openOutput(file: string): Promise<Writable> {
  if (file === '-') return process.stdout;
  const output = createWriteStream(file);
  return new Promise((resolve, reject) => {
    output.once('open', () => resolve(output));
    output.once('error', (error) => reject(unwritable(file, error, 'choose another --write')));
  });
}

function unwritable(
  file: string,
  { errno = 0, code = '' }: NodeJS.ErrnoException,
  cure: string,
): StartError {
  const [, reason = 'cannot be written'] = getSystemErrorMap().get(errno) ?? [];
  return new StartError(`${file}: ${reason} (${code}); ${cure}`);
}
