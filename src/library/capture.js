"use strict";
/** A capture, for programs: its frames one by one, or the bytes of a pcapng file. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Capture = void 0;
const captured_frames_1 = require("../capture/captured-frames");
const request_error_1 = require("../system/request-error");
const async_dispose_1 = require("../system/async-dispose");
/**
 * A running capture. It is read once, by iteration or as pcapng. It ends after `count` frames, with the switch, and
 * when its reader leaves. A reader that is too slow loses frames; the switch waits for none.
 */
class Capture {
    stream;
    isTaken = false;
    constructor(stream) {
        this.stream = stream;
    }
    /**
     * Frames as they pass. Leaving the loop ends the capture.
     * @throws RequestError `ERR_CONFLICT` where the capture is read already
     */
    [Symbol.asyncIterator]() {
        return this.frames(this.take());
    }
    /**
     * The bytes of a pcapng file, for Wireshark. Destroying the stream ends the capture.
     * @throws RequestError `ERR_CONFLICT` where the capture is read already
     */
    pcapng() {
        return this.take();
    }
    /** Ends the capture. Further calls have no effect. */
    stop() {
        this.stream.destroy();
    }
    /** Ends the capture at the end of `await using`. */
    [async_dispose_1.asyncDispose]() {
        this.stop();
        return Promise.resolve();
    }
    take() {
        if (this.isTaken) {
            throw new request_error_1.RequestError('conflict', 'the capture is read already; start another one');
        }
        this.isTaken = true;
        return this.stream;
    }
    async *frames(stream) {
        const frames = new captured_frames_1.CapturedFrames();
        try {
            for await (const bytes of stream)
                yield* frames.add(bytes);
        }
        catch (error) {
            // Stopped by the program: that is an end.
            if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE')
                throw error;
        }
        finally {
            stream.destroy();
        }
    }
}
exports.Capture = Capture;
