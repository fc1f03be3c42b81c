"use strict";
/**
 * A user's mistake on the command line or in the configuration file. The program prints one line for
 * each mistake, never a stack trace, and ends with exit status 2.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.UsageError = void 0;
const printable_1 = require("./printable");
class UsageError extends Error {
    name = 'UsageError';
    code = 'ERR_USAGE';
    exitStatus = 2;
    /** One line for each mistake: place, mistake and right value, without the program's name. */
    lines;
    constructor(...mistakes) {
        // Escapes control sequences that the user typed, so that they do not reach the terminal.
        const lines = mistakes.map(printable_1.printable);
        super(lines.join('\n'));
        this.lines = lines;
    }
}
exports.UsageError = UsageError;
