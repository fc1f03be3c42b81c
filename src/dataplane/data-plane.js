"use strict";
/**
 * The data plane as the main thread sees it: commands with promises, events, and counters in shared memory.
 * No frame passes through here.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.DataPlane = void 0;
const node_events_1 = require("node:events");
const node_worker_threads_1 = require("node:worker_threads");
const counters_1 = require("../l2/counters");
const entry_1 = require("../l2/fdb/entry");
const totals_1 = require("../l2/fdb/totals");
const native_1 = require("../native/native");
const request_error_1 = require("../system/request-error");
const burst_sizes_1 = require("./burst-sizes");
const news_1 = require("./news");
const shared_1 = require("./shared");
const thread_1 = require("./thread");
class DataPlane extends node_events_1.EventEmitter {
    counters;
    burstSizes = new burst_sizes_1.BurstSizes();
    fdbTotals = new totals_1.FdbTotals();
    /** Kernel id of the thread; undefined before it runs, and where there is no /proc. */
    threadId;
    doorbell;
    channel;
    pending = new Map();
    pieces = new Map();
    fdbCopy = new shared_1.Shared(() => this.takeFdbCopy());
    ended;
    lastId = 0;
    isStopping = false;
    /**
     * @param wantsIoUring whether to use io_uring if the kernel has it
     * @param thread thread that was started ahead; it belongs to this data plane from now on
     * @throws NativeError, Error when the addon is missing.
     */
    constructor(bridge, settings, wantsIoUring, thread) {
        super();
        this.counters = new counters_1.Counters(bridge.maxPorts);
        this.doorbell = new ((0, native_1.native)().Doorbell)();
        const { port1, port2 } = new node_worker_threads_1.MessageChannel();
        this.channel = port1;
        this.channel.on('message', (report) => this.take(report));
        const setup = {
            commands: port2,
            doorbellFd: this.doorbell.fd,
            counterMemory: this.counters.memory,
            burstSizeMemory: this.burstSizes.memory,
            fdbTotalsMemory: this.fdbTotals.memory,
            bridge,
            settings,
            wantsIoUring,
        };
        const worker = thread ?? (0, thread_1.startThread)();
        worker.ref();
        worker.on('error', (error) => this.fail(error));
        this.ended = new Promise((resolve) => {
            worker.on('exit', () => {
                this.fail(this.isStopping
                    ? new request_error_1.RequestError('stopped', 'the switch has stopped')
                    : new Error('the data plane has ended'));
                resolve();
            });
        });
        worker.postMessage(setup, [port2]);
    }
    /** Carries out a command. Rejects if the command is refused, and if the thread has ended. */
    async order(command) {
        if (this.isStopping)
            throw new request_error_1.RequestError('stopped', 'the switch has stopped');
        return this.post(command);
    }
    post(command) {
        const id = ++this.lastId;
        const result = new Promise((resolve, reject) => {
            this.pending.set(id, { resolve, reject });
        });
        const order = { id, command };
        this.channel.postMessage(order);
        this.doorbell.ring();
        return result;
    }
    /**
     * Copies the whole forwarding database, in pieces, while frames flow. All calls during one copy share the
     * next one, so that many readers cost as much as two.
     */
    copyFdb() {
        return this.fdbCopy.get();
    }
    async takeFdbCopy() {
        const id = this.lastId + 1;
        const pieces = [];
        this.pieces.set(id, pieces);
        try {
            const { nowTicks, ageingMs } = await this.order({ kind: 'copy-fdb' });
            // An entry that moved past the end of the table during the copy is there twice.
            const entries = pieces
                .flatMap((words) => (0, entry_1.decodeEntries)(words, nowTicks))
                .filter((entry) => (0, entry_1.isAlive)(entry, ageingMs));
            return [...new Map(entries.map((entry) => [`${entry.vlan} ${entry.mac}`, entry])).values()];
        }
        finally {
            this.pieces.delete(id);
        }
    }
    /** Stops the thread. It resolves when the thread has ended. */
    async stop() {
        this.isStopping = true;
        this.post({ kind: 'stop' }).catch(() => undefined);
        await this.ended;
        this.channel.close();
    }
    take(report) {
        switch (report.kind) {
            case 'done':
                return this.settle(report.id, report.failure, report.result);
            case 'news': {
                const { news } = report;
                for (const one of 'event' in news ? [news] : (0, news_1.unpackNews)(news))
                    this.emit('news', one);
                return;
            }
            case 'port-trouble':
                return void this.emit('trouble', report.trouble);
            case 'capture-ready':
                return void this.emit('capture', report.capture);
            case 'capture-complete':
                return void this.emit('captureComplete', report.capture, report.counts);
            case 'thread':
                this.threadId = report.id;
                return;
            case 'fdb-piece':
                this.pieces.get(report.id)?.push(report.words);
        }
    }
    settle(id, failure, result) {
        const waiting = this.pending.get(id);
        this.pending.delete(id);
        if (failure === undefined)
            waiting?.resolve(result);
        else
            waiting?.reject(new Error(failure));
    }
    fail(error) {
        for (const { reject } of this.pending.values())
            reject(error);
        this.pending.clear();
        if (!this.isStopping)
            this.emit('failed', error);
        this.isStopping = true;
    }
}
exports.DataPlane = DataPlane;
