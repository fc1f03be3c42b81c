"use strict";
/** Running captures of one switch, as the control plane holds them. Each is a stream of pcapng. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.RunningCaptures = void 0;
const capture_stream_1 = require("../capture/capture-stream");
const ring_1 = require("../frame/ring");
const package_version_1 = require("../system/package-version");
class RunningCaptures {
    dataPlane;
    streams = new Map();
    lastId = 0;
    constructor(dataPlane) {
        this.dataPlane = dataPlane;
        dataPlane.on('capture', (id) => this.streams.get(id)?.wake());
        dataPlane.on('captureComplete', (id, counts) => this.streams.get(id)?.complete(counts));
    }
    /** Ends all captures: no more frames come. */
    end() {
        for (const stream of this.streams.values())
            stream.complete([]);
    }
    /** Starts a capture; it ends when its stream does. */
    async start(request) {
        const { dataPlane } = this;
        const id = ++this.lastId;
        const ring = (0, ring_1.makeRing)();
        const stream = new capture_stream_1.CaptureStream({
            ring,
            application: `tapswitch ${(0, package_version_1.packageVersion)()}`,
            threadId: dataPlane.threadId,
            stop: () => {
                this.streams.delete(id);
                dataPlane.order({ kind: 'stop-capture', capture: id }).catch(() => undefined);
            },
        });
        this.streams.set(id, stream);
        const setup = { ...request, ring, epochNs: (0, capture_stream_1.epochNs)() };
        await dataPlane.order({ kind: 'start-capture', capture: id, setup });
        return stream;
    }
}
exports.RunningCaptures = RunningCaptures;
