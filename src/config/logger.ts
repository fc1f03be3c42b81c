/**
 * The switch's log: one line an event, to standard error, as text for people or as JSON for machines.
 *
 * Used by the main thread only, and never for a frame. A line is written before the call returns, so
 * that the last words of a program that dies are not lost. A log that cannot be written (its reader
 * is gone, its pipe is full) never stops the switch: the lines are dropped, and the next one that
 * gets through says how many. Why this is no library: docs/adr/0006-own-logger.md.
 */

import { writeSync } from 'node:fs';
import type { LogFormat, LogLevel } from './schema';

/** What belongs to a message: `{ port: 'tap0@red', errno: 'EIO' }`. Undefined ones are left out. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export type Logger = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>>;

export interface LoggerOptions {
  /** This and what is worse is written. */
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** The bridge's name, a part of every line. */
  readonly bridge: string;
  /** Takes one line with its end; throws if it cannot. Standard error if not given. */
  readonly write?: (line: string) => void;
  /** The time of day in milliseconds since 1970. The system's clock if not given. */
  readonly clock?: () => number;
}

/** From worst to least. */
const LEVELS: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];

const STDERR = 2;

export function createLogger(options: LoggerOptions): Logger {
  const { level, format, bridge, clock = Date.now } = options;
  const write = options.write ?? ((line: string) => void writeSync(STDERR, line));
  const render = format === 'json' ? renderJson : renderText;
  let lostLines = 0;

  const log = (lineLevel: LogLevel, message: string, fields: LogFields = {}): void => {
    const time = new Date(clock()).toISOString();
    const all = lostLines === 0 ? fields : { ...fields, lostLines };
    try {
      write(`${render({ time, level: lineLevel, bridge, message }, all)}\n`);
      lostLines = 0;
    } catch {
      lostLines++;
    }
  };

  const method = (lineLevel: LogLevel): Logger[LogLevel] =>
    LEVELS.indexOf(lineLevel) > LEVELS.indexOf(level)
      ? () => undefined
      : (message, fields) => {
          log(lineLevel, message, fields);
        };
  return {
    error: method('error'),
    warn: method('warn'),
    info: method('info'),
    debug: method('debug'),
  };
}

interface LogLine {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly level: LogLevel;
  readonly bridge: string;
  readonly message: string;
}

/** The fixed keys stand first, and no field takes their place. */
function renderJson(line: LogLine, fields: LogFields): string {
  return JSON.stringify({ ...line, ...fields, ...line });
}

/** `08:04:00.123 warn  br0: port is down port=tap0`, the time in UTC. */
function renderText({ time, level, bridge, message }: LogLine, fields: LogFields): string {
  const settings = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${plainOrQuoted(String(value))}`)
    .join('');
  const clockTime = time.slice('2026-01-01T'.length, -1);
  return `${clockTime} ${level.padEnd(5)} ${bridge}: ${message}${settings}`;
}

/** Text with spaces, quotes or control characters is quoted. */
function plainOrQuoted(text: string): string {
  return /^[^\s"\p{Cc}]+$/u.test(text) ? text : JSON.stringify(text);
}
