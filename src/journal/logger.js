"use strict";
/**
 * The switch's log: pino behind an interface of four methods. It writes one line per event to
 * standard error, as text for people or as JSON for machines.
 *
 * Only the main thread uses the log, and never for a frame. A line is written before the call
 * returns, so that the last lines of a program that dies are not lost. A log that cannot be written
 * (its reader is gone, its pipe is full) never stops the switch: the lines are dropped, and the next
 * line that gets through says how many.
 *
 * pino is loaded with the first line, or by `load`. Costs: docs/adr/0006-logging.md.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.createLogger = createLogger;
const node_fs_1 = require("node:fs");
const printable_1 = require("../system/printable");
const STDERR = 2;
/** Key of the message. pino and pino-pretty must agree on it. */
const MESSAGE_KEY = 'message';
function createLogger(options) {
    let { level } = options;
    let logger;
    const output = new LossyOutput(options.write ?? writeToStderr);
    /** Loads pino. If no descriptor is free, that fails: the line is lost, and the next one tries again. */
    const loaded = () => {
        try {
            logger ??= openLog({ ...options, level }, output);
        }
        catch {
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
            if (logger !== undefined)
                logger.level = wanted;
        },
        load: () => void loaded(),
    };
}
function openLog({ level, format, bridge }, output) {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { pino, stdTimeFunctions } = require('pino');
    return pino({
        level,
        base: { bridge },
        messageKey: MESSAGE_KEY,
        timestamp: stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        mixin: () => (output.lostLines === 0 ? {} : { lostLines: output.lostLines }),
    }, format === 'json' ? output : new TextOutput(output));
}
/** @throws Error while an earlier line waits for a full pipe: this line would break into it. */
function writeToStderr(line) {
    if (process.stderr.writableLength > 0)
        throw new Error('standard error is busy');
    const bytes = Buffer.from(line);
    const written = (0, node_fs_1.writeSync)(STDERR, bytes);
    // A full pipe takes the beginning of a long line. The stream writes the rest when there is room.
    if (written < bytes.length)
        process.stderr.write(bytes.subarray(written));
}
/** Output that counts the lines it cannot write. A stream of pino would wait, or lose them uncounted. */
class LossyOutput {
    writeLine;
    lostLines = 0;
    constructor(writeLine) {
        this.writeLine = writeLine;
    }
    write(line) {
        try {
            this.writeLine(line);
            this.lostLines = 0;
        }
        catch {
            this.lostLines++;
        }
    }
}
/**
 * Output of lines for people: with local time, and without control sequences from names in the fields. It
 * loads pino-pretty, which takes as long as pino itself, only when it is needed.
 */
class TextOutput {
    output;
    render;
    constructor(output) {
        this.output = output;
        // eslint-disable-next-line @typescript-eslint/no-require-imports
        const { prettyFactory } = require('pino-pretty');
        this.render = prettyFactory({
            colorize: process.stderr.isTTY,
            messageKey: MESSAGE_KEY,
            messageFormat: ({ text, fields }, _key, _level, { colors }) => `${text}${fields === '' ? '' : ` ${colors.gray(fields)}`}`,
            hideObject: true,
            translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l o',
        });
    }
    write(line) {
        const { time, level, bridge, [MESSAGE_KEY]: message, ...rest } = JSON.parse(line);
        const fields = Object.keys(rest).length === 0 ? '' : (0, printable_1.printable)(JSON.stringify(rest));
        this.output.write(this.render({ time, level, text: (0, printable_1.printable)(`${bridge}: ${message}`), fields }));
    }
}
