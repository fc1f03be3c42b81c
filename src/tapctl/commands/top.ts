/** `tapctl top`: a live view on a terminal, or a series of blocks of text in a pipe. */

import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { wholeNumber } from '../../config/values/rule';
import { UsageError } from '../../system/usage-error';
import type { SwitchEvent } from '../../journal/journal';
import type { Context } from '../context';
import { type SwitchClient, resource } from '../../api/client';
import { FOOTER, HELP, type Reading, topLines } from '../top-view';

const NEWS_LINES = 8;
const DEFAULT_SECONDS = '1';

/** Control sequences of xterm: enter the alternate screen without a cursor, and leave it. */
const ENTER_SCREEN = '\x1b[?1049h\x1b[?25l';
const LEAVE_SCREEN = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_LINE_END = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

interface TopOptions {
  readonly interval: string;
  readonly count?: string;
}

export function addTopCommand(program: Command, context: Context): void {
  program
    .command('top')
    .description('show a live view: rates of each port, drops by reason, latest events; q ends it')
    .option('--interval <SECONDS>', 'time from one reading to the next', DEFAULT_SECONDS)
    .option('--count <N>', 'end after this many readings')
    .action(async ({ interval, count }: TopOptions) => {
      const intervalMs = numberOf('--interval', interval) * 1000;
      const looks = count === undefined ? Number.POSITIVE_INFINITY : numberOf('--count', count);
      await watch(context, intervalMs, looks);
    });
}

async function watch(context: Context, intervalMs: number, looks: number): Promise<void> {
  const { client } = context;
  const screen = new Screen();
  const enough = new AbortController();
  const news = await followNews(client, enough.signal);
  try {
    let before = await look(client);
    screen.open(() => enough.abort());
    for (let shown = 0; shown < looks; shown++) {
      await sleep(intervalMs, undefined, { signal: enough.signal });
      const after = await look(client);
      const lines = topLines(before, after, news, screen.columns);
      screen.show(lines.map((line) => context.rendered(line)));
      before = after;
    }
  } catch (error) {
    if (!enough.signal.aborted) throw error;
  } finally {
    enough.abort();
    screen.close();
  }
}

async function look(client: SwitchClient): Promise<Reading> {
  const [bridge, stats] = await Promise.all([
    client.get<Reading['bridge']>(resource('bridge')),
    client.get<Reading['stats']>(resource('stats')),
  ]);
  return { atMs: performance.now(), bridge, stats };
}

/** @returns the latest events as lines, newest first; the array changes as events come. */
async function followNews(client: SwitchClient, signal: AbortSignal): Promise<string[]> {
  const news: string[] = [];
  const events = await client.open('GET', resource('events'));
  signal.addEventListener('abort', () => events.destroy());
  // If the switch ends, the next reading fails and reports it.
  events.on('error', () => undefined);
  const lines = createInterface({ input: events });
  lines.on('line', (line) => {
    const { seq, time, event, ...fields } = JSON.parse(line) as SwitchEvent;
    void seq;
    news.unshift([time, event, ...Object.values(fields)].join(' '));
    news.length = Math.min(news.length, NEWS_LINES);
  });
  return news;
}

/** Output of the view. A terminal is overwritten; any other output gets block after block. */
class Screen {
  private readonly isTerminal = process.stdout.isTTY;
  private lines: readonly string[] = [];
  private isHelpShown = false;
  private isHeld = false;

  /** Columns of a terminal. Other outputs have no width. */
  get columns(): number {
    return this.isTerminal ? process.stdout.columns : Number.POSITIVE_INFINITY;
  }

  /** @param onEnough is called when the user ends the view */
  open(onEnough: () => void): void {
    process.once('SIGINT', onEnough);
    process.once('SIGTERM', onEnough);
    if (!this.isTerminal) return;
    process.stdout.write(ENTER_SCREEN);
    if (!process.stdin.isTTY) return;
    process.stdin.setRawMode(true);
    process.stdin.on('data', (key) => {
      // In raw mode, Ctrl-C comes as a character.
      for (const character of key.toString()) {
        if (['q', 'Q', '\x03'].includes(character)) onEnough();
        if (['h', 'H', '?'].includes(character)) this.isHelpShown = !this.isHelpShown;
        if (character === ' ') this.isHeld = !this.isHeld;
      }
      this.draw();
    });
  }

  show(lines: readonly string[]): void {
    if (!this.isTerminal) {
      process.stdout.write(`${lines.join('\n')}\n\n`);
      return;
    }
    if (!this.isHeld) this.lines = lines;
    this.draw();
  }

  /** Draws the lines or the help, and the footer in the last row. */
  private draw(): void {
    const { rows, columns } = process.stdout;
    const lines = this.isHelpShown ? HELP.map((line) => line.slice(0, columns)) : this.lines;
    const visible = lines.slice(0, Math.max(0, rows - 1));
    const text = visible.map((line) => `${line}${CLEAR_LINE_END}\n`).join('');
    const footer = `\x1b[${rows};1H${FOOTER.slice(0, columns)}${CLEAR_LINE_END}`;
    process.stdout.write(HOME + text + CLEAR_BELOW + footer);
  }

  close(): void {
    if (!this.isTerminal) return;
    if (process.stdin.isTTY) process.stdin.setRawMode(false);
    process.stdin.pause();
    process.stdout.write(LEAVE_SCREEN);
  }
}

const small = wholeNumber({ from: 1, to: 1_000_000 });

function numberOf(option: string, text: string): number {
  try {
    return small.fromText(text);
  } catch (error) {
    throw new UsageError(`${option}: ${(error as Error).message}`);
  }
}
