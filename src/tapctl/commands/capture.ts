/** `tapctl capture`: writes frames to a file, or to Wireshark by a pipe. */

import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { getSystemErrorMap } from 'node:util';
import type { Command } from 'commander';
import { CaptureTally } from '../../capture/capture-tally';
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
Filters use these words of tcpdump: host, net, port, portrange, src, dst,
ether host|src|dst|proto, arp, ip, ip6, icmp, icmp6, tcp, udp, vlan;
and (&&), or (||), not (!), and parentheses.

Examples:
  tapctl capture -w lab.pcapng --count 1000
  tapctl capture tap0 -w - | wireshark -k -i -
  tapctl capture tap0 tap1 -w - --filter 'arp or icmp6' | tshark -r -
  tapctl capture -w web.pcapng --filter 'tcp port 80 and net 192.0.2.0/24'
`.trimEnd();

export function addCaptureCommand(program: Command, context: Context): void {
  program
    .command('capture')
    .argument('[PORT...]', 'ports to capture (default: all)')
    .description('capture the frames that ports receive and send, as pcapng')
    .option('-w, --write <FILE>', 'file to write; "-" is standard output', '-')
    .option('-s, --snaplen <BYTES>', 'capture at most this much of each frame')
    .option('-c, --count <FRAMES>', 'end after this many frames')
    .option(
      '--direction <WORD>',
      '"in": frames that the switch receives; "out": frames that it sends; "both" (default)',
    )
    .option('--filter <WORDS>', 'capture only the frames that match')
    .addHelpText('after', EXAMPLES)
    .action(async (ports: string[], { write, ...limits }: CaptureOptions) => {
      if (write === '-' && process.stdout.isTTY) {
        throw new UsageError('a capture is not text for a terminal; give -w FILE, or a pipe');
      }
      const url = withQuery(resource('capture'), { port: ports, ...limits });
      const capture = await context.client.open('GET', url);
      try {
        await receive(capture, await openOutput(write), write);
      } finally {
        // An open capture does not end by itself, and would keep this program running.
        capture.destroy();
      }
    });
}

/**
 * Writes frames until the capture ends, or the user stops it, and says how many on standard error.
 * @throws StartError if the switch ends; the output has the frames up to then
 */
async function receive(capture: IncomingMessage, output: Writable, file: string): Promise<void> {
  const tally = new CaptureTally();
  const blocks = new WholeBlocks((block) => tally.add(block));
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
  // If the switch ends, its answer breaks off with an error.
  capture.on('error', end);
  capture.pipe(blocks);
  try {
    await pipeline(blocks, output, { end: output !== process.stdout });
  } catch (error) {
    if (output === process.stdout) throw error;
    throw unwritable(file, error as NodeJS.ErrnoException, 'make room');
  }
  if (!isStopped && !capture.complete) {
    throw new StartError('the switch has ended; the output has all frames captured before');
  }
  const { frames, lost } = tally;
  process.stderr.write(`${frames} frame${frames === 1 ? '' : 's'} written, ${lost} lost\n`);
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
