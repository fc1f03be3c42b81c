"use strict";
/** A running switch, for the program that started it. The operations and shapes are those of the control API. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Switch = void 0;
const node_events_1 = require("node:events");
const document_1 = require("../config/document");
const suggest_1 = require("../config/values/suggest");
const invalid_request_1 = require("../control/invalid-request");
const bridge_1 = require("../control/resources/bridge");
const capture_1 = require("../control/resources/capture");
const spanning_tree_1 = require("../control/resources/spanning-tree");
const stats_1 = require("../control/resources/stats");
const trace_1 = require("../control/resources/trace");
const events_1 = require("../journal/events");
const async_dispose_1 = require("../system/async-dispose");
const addresses_1 = require("./addresses");
const capture_2 = require("./capture");
const event_queue_1 = require("./event-queue");
const groups_1 = require("./groups");
const mirrors_1 = require("./mirrors");
const neighbours_1 = require("./neighbours");
const ports_1 = require("./ports");
const requests_1 = require("./requests");
const stations_1 = require("./stations");
const vlans_1 = require("./vlans");
/**
 * A running switch. `startSwitch` makes it.
 *
 * Each operation rejects with an error that has a `code`:
 * - `ERR_INVALID_VALUE` (InvalidRequest): a wrong value; `errors` has the path of each;
 * - `ERR_NO_SUCH_PORT`, `ERR_NOT_FOUND` (RequestError): there is no such port, or no such entry;
 * - `ERR_PORT_EXISTS`, `ERR_CONFLICT` (RequestError): the state of the switch forbids it;
 * - `ERR_BUSY` (RequestError): too many changes are under way; try again;
 * - `ERR_SWITCH_STOPPED` (RequestError): the switch has stopped;
 * - `ERR_REFUSED` (StartError): the system refuses, for example to open a port.
 *
 * It has changed nothing then.
 */
class Switch extends node_events_1.EventEmitter {
    tapSwitch;
    /** Name of the bridge in logs and tables. */
    name;
    ports;
    stations;
    neighbours;
    addresses;
    vlans;
    mirrors;
    groups;
    requests;
    queues = new Set();
    observing;
    stopping;
    constructor(tapSwitch, scripts) {
        super();
        this.tapSwitch = tapSwitch;
        const requests = new requests_1.Requests(tapSwitch);
        this.name = tapSwitch.config.name;
        this.requests = requests;
        this.ports = new ports_1.Ports(requests, scripts);
        this.stations = new stations_1.Stations(requests);
        this.neighbours = new neighbours_1.Neighbours(requests);
        this.addresses = new addresses_1.Addresses(requests);
        this.vlans = new vlans_1.Vlans(requests);
        this.mirrors = new mirrors_1.Mirrors(requests);
        this.groups = new groups_1.Groups(requests);
        tapSwitch.on('failed', (error) => this.emit('error', error));
        this.on('newListener', (name) => this.prepare(name));
    }
    /** An overview of the bridge: options, ports, totals. */
    overview() {
        return this.requests.ask(bridge_1.bridgeBody);
    }
    /** The running state in the form of a configuration file, which `startSwitch` takes. */
    config() {
        return this.requests.ask(({ config, ports }) => (0, document_1.configDocument)(config, ports.kinds, ports.all.map(({ namedSpec }) => namedSpec)));
    }
    /** Counters of the ports and in total, and every drop by its reason. */
    stats(query) {
        return this.requests.run(stats_1.portFilter.value, query, stats_1.readStats);
    }
    /** State of the spanning tree. */
    spanningTree() {
        return this.requests.ask(spanning_tree_1.spanningTreeBody);
    }
    /** The path that a frame would take, and why. Nothing is sent or learned. */
    trace(options) {
        return this.requests.run(trace_1.tracedFrame, options, async (tapSwitch, frame) => {
            const { steps, egress, drops } = await (0, trace_1.trace)(tapSwitch, frame);
            return { steps: [...steps], egress: [...egress], drops: drops.map((drop) => ({ ...drop })) };
        });
    }
    /** Starts a capture of frames. It misses none from the moment on at which this resolves. */
    capture({ ports, ...options } = {}) {
        const given = { ...options, port: ports };
        return this.requests.run(capture_1.newCapture.value, given, async (tapSwitch, wanted) => {
            return new capture_2.Capture(await tapSwitch.capture((0, capture_1.captureRequest)(tapSwitch, wanted)));
        });
    }
    /**
     * Events from now on, as an iteration. It ends when the loop is left, and with the switch.
     * @throws RequestError `ERR_SWITCH_STOPPED`
     */
    events() {
        this.requests.requireRunning();
        const queue = new event_queue_1.EventQueue(this.tapSwitch.journal, () => this.queues.delete(queue));
        this.queues.add(queue);
        return queue;
    }
    /**
     * Stops forwarding and closes the ports. Captures, iterations and script ports end. Further calls wait for the
     * first one.
     */
    stop() {
        this.requests.isStopped = true;
        this.stopping ??= this.tapSwitch.stop().finally(() => {
            this.observing?.();
            for (const queue of this.queues)
                queue.end();
        });
        return this.stopping;
    }
    /** Stops the switch at the end of `await using`. */
    [async_dispose_1.asyncDispose]() {
        return this.stop();
    }
    /** Listens to the switch when the first listener comes. @throws InvalidRequest for an event that does not exist */
    prepare(name) {
        if (name === 'error' || name === 'newListener' || name === 'removeListener')
            return;
        if (!events_1.EVENT_NAMES.includes(name)) {
            const message = (0, suggest_1.noSuch)('event', String(name), events_1.EVENT_NAMES);
            throw new invalid_request_1.InvalidRequest([{ path: [String(name)], message }]);
        }
        this.observing ??= this.tapSwitch.journal.observe((event) => this.tell(event));
    }
    /** Calls the listeners of an event. An exception of one is the program's: neither the switch nor others get it. */
    tell(event) {
        for (const listener of this.rawListeners(event.event)) {
            try {
                Reflect.apply(listener, this, [event]);
            }
            catch (error) {
                process.nextTick(() => {
                    throw error;
                });
            }
        }
    }
}
exports.Switch = Switch;
