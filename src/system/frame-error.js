"use strict";
/** What a program wrote to its end of a script port is no frame. The stream is destroyed by it, and the port goes. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.FrameError = void 0;
class FrameError extends Error {
    name = 'FrameError';
    code = 'ERR_INVALID_FRAME';
}
exports.FrameError = FrameError;
