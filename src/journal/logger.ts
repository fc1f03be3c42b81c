/**
 * The switch's log: pino behind an interface of four methods. One line an event, to standard error,
 * as text for people or as JSON for machines.
 *
 * Used by the main thread only, and never for a frame. A line is written before the call returns, so
 * that the last words of a program that dies are not lost. A log that cannot be written (its reader
 * is gone, its pipe is full) never stops the switch: the lines are dropped, and the next one that
 * gets through says how many.
 *
 * pino is loaded with the first line, or by `load`. Costs: docs/adr/0006-logging.md.
 */

import { writeSync } from 'node:fs';
import type * as pinoModule from 'pino';
import type * as pinoPretty from 'pino-pretty';
import { printable } from '../system/printable';
import type { LogFormat, LogLevel } from '../config/schema';

/** What belongs to a message: `{ port: 'tap0@red', errno: 'EIO' }`. Undefined ones are left out. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export type Logger = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>>;

/** A log whose owner may change his mind. */
export interface LeveledLogger extends Logger {
  readonly setLevel: (level: LogLevel) => void;
  /** Loads what writes the lines, for a program that may not be able to read its own files later. */
  readonly load: () => void;
}

export interface LoggerOptions {
  /** This and what is worse is written. */
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** The bridge's name, a part of every line. */
  readonly bridge: string;
  /** Takes one line with its end; throws if it cannot. Standard error if not given. */
  readonly write?: (line: string) => void;
}

const STDERR = 2;

/** pino and pino-pretty must agree on it. */
const MESSAGE_KEY = 'message';

export function createLogger(options: LoggerOptions): LeveledLogger {
  let { level } = options;
  let logger: pinoModule.Logger | undefined;
  const output = new LossyOutput(options.write ?? writeToStderr);
  /** Without free descriptors pino cannot be loaded: the line is lost, and the next one tries again. */
  const loaded = (): pinoModule.Logger | undefined => {
    try {
      logger ??= openLog({ ...options, level }, output);
    } catch {
      output.lostLines++;
    }
    return logger;
  };
  return {
    error: (message, fields) => loaded()?.error(fields, message),
    warn: (message, fields) => loaded()?.warn(fields, message),
    info: (message, fields) => loaded()?.info(fields, message),
    debug: (message, fields) => loaded()?.debug(fields, message),
    setLevel: (wanted) => {
      level = wanted;
      if (logger !== undefined) logger.level = wanted;
    },
    load: () => void loaded(),
  };
}

function openLog({ level, format, bridge }: LoggerOptions, output: LossyOutput): pinoModule.Logger {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { pino, stdTimeFunctions } = require('pino') as typeof pinoModule;
  return pino(
    {
      level,
      base: { bridge },
      messageKey: MESSAGE_KEY,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => (output.lostLines === 0 ? {} : { lostLines: output.lostLines }),
    },
    format === 'json' ? output : new TextOutput(output),
  );
}

/** @throws Error where the line would tear what else is on its way to a pipe that is full. */
function writeToStderr(line: string): void {
  if (process.stderr.writableLength > 0) throw new Error('standard error is busy');
  const bytes = Buffer.from(line);
  const written = writeSync(STDERR, bytes);
  // A pipe takes the beginning of a long line. The rest waits, and until it is out, so do the others.
  if (written < bytes.length) process.stderr.write(bytes.subarray(written));
}

/** What pino writes of a line. */
interface TextRecord {
  readonly time: string;
  readonly level: LogLevel;
  readonly bridge: string;
  readonly [MESSAGE_KEY]: string;
  readonly [field: string]: unknown;
}

/** Counts what it cannot write. A stream of pino's own would wait, or lose without a word. */
class LossyOutput implements pinoModule.DestinationStream {
  lostLines = 0;

  constructor(private readonly writeLine: (line: string) => void) {}

  write(line: string): void {
    try {
      this.writeLine(line);
      this.lostLines = 0;
    } catch {
      this.lostLines++;
    }
  }
}

/**
 * A line for a person: local time, and nothing that a terminal would obey, whoever chose a name that
 * stands in it. Loads pino-pretty, which takes as long as pino itself, only when it is needed.
 */
class TextOutput implements pinoModule.DestinationStream {
  private readonly render: (line: object) => string;

  constructor(private readonly output: pinoModule.DestinationStream) {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { prettyFactory } = require('pino-pretty') as typeof pinoPretty;
    this.render = prettyFactory({
      colorize: process.stderr.isTTY,
      messageKey: MESSAGE_KEY,
      messageFormat: ({ text, fields }, _key, _level, { colors }) =>
        `${text as string}${fields === '' ? '' : ` ${colors.gray(fields as string)}`}`,
      hideObject: true,
      translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l o',
    });
  }

  write(line: string): void {
    const { time, level, bridge, [MESSAGE_KEY]: message, ...rest } = JSON.parse(line) as TextRecord;
    const fields = Object.keys(rest).length === 0 ? '' : printable(JSON.stringify(rest));
    this.output.write(
      this.render({ time, level, text: printable(`${bridge}: ${message}`), fields }),
    );
  }
}
