/**
 * The switch's log: pino behind an interface of four methods. It writes one line per event to
 * standard error, as text for people or as JSON for machines.
 *
 * Only the main thread uses the log, and never for a frame. A line is written before the call
 * returns, so that the last lines of a program that dies are not lost. A log that cannot be written
 * (its reader is gone, its pipe is full) never stops the switch: the lines are dropped, and the next
 * line that gets through says how many. Warnings and errors wait for room in a full pipe, up to 64 KiB of them.
 *
 * pino is loaded with the first line, or by `load`. Costs: docs/adr/0006-logging.md.
 */

import { writeSync } from 'node:fs';
import type * as pinoModule from 'pino';
import type * as pinoPretty from 'pino-pretty';
import { printable } from '../system/printable';
import type { LogFormat, LogLevel } from '../config/schema';

/** Fields of a message: `{ port: 'tap0@red', errno: 'EIO' }`. Undefined ones are left out. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Logger extends Readonly<
  Record<LogLevel, (message: string, fields?: LogFields) => void>
> {
  /** Whether lines of this level are written; all are, unless given. */
  readonly writes?: (level: LogLevel) => boolean;
}

/** A log whose level can change. */
export interface LeveledLogger extends Logger {
  readonly setLevel: (level: LogLevel) => void;
  /** Loads pino now, for a program that cannot read its own files later. */
  readonly load: () => void;
}

export interface LoggerOptions {
  /** Lowest level that is written. */
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Name of the bridge, which is part of every line. */
  readonly bridge: string;
  /**
   * Writes one line, with its line feed, or throws. By default it writes to standard error. A line that `matters`, a
   * warning or an error, may be kept and written later.
   */
  readonly write?: (line: string, matters: boolean) => void;
}

const STDERR = 2;

/** Bytes of lines that may wait for a full pipe. */
const WAITING_MAX_BYTES = 64 * 1024;

/** Property of a stream by which it has pino tell the level of each line, as `lastLevel`. */
const METADATA = Symbol.for('pino.metadata');
/** Number that pino has for the level `warn`. Errors have a greater one. */
const PINO_WARN = 40;

/** Ranks of the levels: a log writes its own level and all above it. */
const RANKS: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Key of the message. pino and pino-pretty must agree on it. */
const MESSAGE_KEY = 'message';

export function createLogger(options: LoggerOptions): LeveledLogger {
  let { level } = options;
  let logger: pinoModule.Logger | undefined;
  const output = new LossyOutput(options.write ?? writeToStderr);
  /** Loads pino. If no descriptor is free, that fails: the line is lost, and the next one tries again. */
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
    writes: (asked) => RANKS[asked] >= RANKS[level],
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

/** Whether the last line was cut off, because a disk became full. The next one begins on a line of its own. */
let isCutOff = false;

/** @throws Error while a pipe is full, or an earlier line waits for it: this line would break into that one. */
function writeToStderr(line: string, matters: boolean): void {
  const waiting = process.stderr.writableLength;
  if (waiting > 0) {
    if (!matters || waiting > WAITING_MAX_BYTES) throw new Error('standard error is busy');
    process.stderr.write(line);
    return;
  }
  const bytes = Buffer.from(isCutOff ? `\n${line}` : line);
  const written = matters ? writeIfRoom(bytes) : writeSync(STDERR, bytes);
  isCutOff = false;
  if (written < bytes.length) writeRest(bytes.subarray(written));
}

/** @throws Error where a disk is full, which has taken the beginning of the line */
function writeRest(rest: Uint8Array): void {
  let written: number;
  try {
    written = writeIfRoom(rest);
  } catch (error) {
    isCutOff = true;
    throw error;
  }
  // A full pipe takes the beginning of a long line. The stream writes the rest when there is room.
  if (written < rest.length) process.stderr.write(rest.subarray(written));
}

/** Writes what there is room for. @returns the number of bytes. @throws Error of the system but for a full pipe */
function writeIfRoom(bytes: Uint8Array): number {
  try {
    return writeSync(STDERR, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
    throw error;
  }
}

/** Fields of a line that pino writes. */
interface TextRecord {
  readonly time: string;
  readonly level: LogLevel;
  readonly bridge: string;
  readonly [MESSAGE_KEY]: string;
  readonly [field: string]: unknown;
}

/** Output that counts the lines it cannot write. A stream of pino would wait, or lose them uncounted. */
class LossyOutput implements pinoModule.DestinationStream {
  lostLines = 0;
  readonly [METADATA] = true;
  /** Level of the line that is written, which pino sets. */
  lastLevel = 0;

  constructor(private readonly writeLine: (line: string, matters: boolean) => void) {}

  write(line: string): void {
    try {
      this.writeLine(line, this.lastLevel >= PINO_WARN);
      this.lostLines = 0;
    } catch {
      this.lostLines++;
    }
  }
}

/**
 * Output of lines for people: with local time, and without control sequences from names in the fields. It
 * loads pino-pretty, which takes as long as pino itself, only when it is needed.
 */
class TextOutput implements pinoModule.DestinationStream {
  readonly [METADATA] = true;
  /** Level of the line that is written, which pino sets. */
  lastLevel = 0;
  private readonly render: (line: object) => string;

  constructor(private readonly output: LossyOutput) {
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
    this.output.lastLevel = this.lastLevel;
    this.output.write(
      this.render({ time, level, text: printable(`${bridge}: ${message}`), fields }),
    );
  }
}
