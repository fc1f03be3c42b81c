"use strict";
/** The ports of the switch, for programs. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Ports = void 0;
const node_stream_1 = require("node:stream");
const port_spec_1 = require("../config/values/port-spec");
const invalid_request_1 = require("../control/invalid-request");
const ports_1 = require("../control/resources/ports");
const script_port_1 = require("../ports/script-port");
const request_error_1 = require("../system/request-error");
/** Ports. Errors: see `Switch`. */
class Ports {
    requests;
    scripts;
    schema;
    settings;
    /** Removals of ports whose stream was closed, one after the other. */
    removals = Promise.resolve();
    constructor(requests, scripts) {
        this.requests = requests;
        this.scripts = scripts;
        const { kinds } = requests.tapSwitch.ports;
        this.schema = (0, ports_1.newPortSchema)(kinds);
        this.settings = new ports_1.PortSettingsSchemas(kinds);
        for (const { kind, spec } of requests.tapSwitch.ports.all) {
            if (kind === scripts)
                this.follow(this.endOf(spec.name));
        }
    }
    /** All ports. */
    list() {
        return this.requests.ask(({ ports }) => ports.all.map(ports_1.portBody));
    }
    /** One port. @param label `[KIND:]NAME[@NETNS]` */
    get(label) {
        return this.requests.ask(({ ports }) => (0, ports_1.portBody)((0, ports_1.findPort)(ports, label)));
    }
    add(first, port) {
        if (isStream(first))
            return this.requests.ask(() => this.join(first, port));
        return this.requests.run(this.schema, first, (_, spec) => this.open(spec));
    }
    /**
     * Adds a script port. Its other end is a stream of frames: `write` sends a frame to the switch, and reading
     * gives the frames that the switch sends, each in a Buffer of its own view. Destroying the stream removes the port.
     * @param port name of the port, and keys: `router,vlan=10`
     */
    script(port) {
        const given = typeof port === 'string' ? ofScriptKind(port) : port;
        return this.requests.run(this.schema, given, async (_, spec) => {
            if (spec.kind !== script_port_1.SCRIPT_KIND) {
                throw invalid('port', `expected a script port, got one of the kind ${spec.kind ?? 'tap'}`);
            }
            await this.open(spec);
            return this.endOf(spec.name);
        });
    }
    /** The program's end of a script port that is open. @param label `script:NAME` */
    stream(label) {
        return this.requests.ask(({ ports }) => {
            const { kind, spec } = (0, ports_1.findPort)(ports, label);
            if (kind === this.scripts)
                return this.endOf(spec.name);
            throw new request_error_1.RequestError('conflict', `${label}: is no script port, and has no stream`);
        });
    }
    /** Changes settings of a port: `{ vlan: 10, isolated: true }`. All of them, or none. */
    set(label, settings) {
        return this.requests.ask(async (tapSwitch) => (0, ports_1.portBody)(await (0, ports_1.setPort)(tapSwitch, label, this.settings, settings)));
    }
    /** Removes a port. Its interface is deleted if the switch made it and it does not persist. */
    remove(label) {
        return this.requests.ask((tapSwitch) => (0, ports_1.removePort)(tapSwitch, label));
    }
    /** Opens a port, and makes the program's end first where it is a script port. */
    async open(spec) {
        const end = spec.kind === script_port_1.SCRIPT_KIND ? this.scripts.makeEnd(spec.name) : undefined;
        try {
            const [port] = await (0, ports_1.addPorts)(this.requests.tapSwitch, spec);
            if (port === undefined)
                throw new Error(`${spec.name}: no port has been opened`);
            if (end !== undefined)
                this.follow(end);
            return (0, ports_1.portBody)(port);
        }
        catch (error) {
            end?.destroy();
            throw error;
        }
    }
    async join(stream, given = this.freeName()) {
        if (!stream.readableObjectMode || !stream.writableObjectMode) {
            throw invalid('stream', 'expected a Duplex in object mode, with a frame in each chunk');
        }
        if (stream.destroyed)
            throw invalid('stream', 'expected an open stream, got a destroyed one');
        const end = await this.script(given);
        // An error of the stream is the program's to hear; it ends the port.
        const done = () => void end.destroy();
        (0, node_stream_1.pipeline)(stream, end, done);
        (0, node_stream_1.pipeline)(end, stream, done);
        return this.get(end.label);
    }
    freeName() {
        let number = 0;
        while (this.scripts.find(`${script_port_1.SCRIPT_KIND}${number}`) !== undefined)
            number++;
        return `${script_port_1.SCRIPT_KIND}${number}`;
    }
    endOf(name) {
        return this.scripts.find(name);
    }
    /** Removes the port when its stream is closed. */
    follow(end) {
        const { requests } = this;
        const { ports } = requests.tapSwitch;
        const remove = () => requests.tapSwitch.change(async () => {
            const port = ports.find(end.label);
            if (port !== undefined && port.transport === end.transport)
                await ports.remove(port);
        });
        end.once('close', () => {
            this.removals = this.removals.then(remove).catch((error) => {
                if (requests.isStopped)
                    return;
                requests.tapSwitch.journal.log.error(`${end.label}: ${error.message}`);
            });
        });
    }
}
exports.Ports = Ports;
function isStream(value) {
    return (typeof value === 'object' &&
        value !== null &&
        typeof value.pipe === 'function' &&
        typeof value.write === 'function');
}
function ofScriptKind(text) {
    return (0, port_spec_1.splitKind)(text).kind === undefined ? `${script_port_1.SCRIPT_KIND}:${text}` : text;
}
function invalid(field, message) {
    return new invalid_request_1.InvalidRequest([{ path: [field], message }]);
}
