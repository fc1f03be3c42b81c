"use strict";
/** Closes the TAPs of several ports at a time. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.closeTogether = closeTogether;
const native_1 = require("../native/native");
const leaving = [];
let closing;
/**
 * Closes a TAP together with all others that are closed in this turn of the event loop. The kernel takes
 * some 20 ms to delete one, and no longer for many at a time. It resolves when they are closed.
 */
function closeTogether(tap) {
    leaving.push(tap);
    closing ??= Promise.resolve().then(() => {
        closing = undefined;
        return (0, native_1.native)().closeTaps(leaving.splice(0));
    });
    return closing;
}
