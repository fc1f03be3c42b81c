"use strict";
/**
 * The kind of port `script`: its other end is a stream in the program that runs the switch. The program makes
 * the stream before the port; the command line and the API cannot make one.
 *
 * The port is up as long as the stream is open. A stream that is destroyed ends the port, which the owner of the
 * kind removes.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.ScriptKind = exports.SCRIPT_KIND = void 0;
const port_spec_1 = require("../config/values/port-spec");
const rule_1 = require("../config/values/rule");
const request_error_1 = require("../system/request-error");
const port_1 = require("./port");
const script_end_1 = require("./script-end");
const socket_mtu_1 = require("./socket-mtu");
exports.SCRIPT_KIND = 'script';
const NAME_LENGTH_MAX = 64;
/** Script ports of one switch. */
class ScriptKind {
    name = exports.SCRIPT_KIND;
    placeholder = 'NAME';
    help = 'of a stream in the program that runs the switch, which alone can make such a port.';
    nameRule = (0, rule_1.textRule)(`a name of letters, digits, ".", "_" and "-", ${NAME_LENGTH_MAX} characters at most`, (text) => (/^[\w.-]+$/.test(text) && text.length <= NAME_LENGTH_MAX ? text : undefined));
    hasNetns = false;
    keys = { mtu: socket_mtu_1.MTU_KEY };
    /** Ends by the names of their ports: those of open ports, and those whose port is about to be opened. */
    ends = new Map();
    /** @returns the end of a port, open or about to be opened */
    find(name) {
        return this.ends.get(name);
    }
    /**
     * Makes the program's end of a port. The port is opened afterwards, or the end destroyed.
     * @throws RequestError where there is such a port already; NativeError without a free descriptor
     */
    makeEnd(name) {
        const label = (0, port_spec_1.portLabel)({ kind: this.name, name });
        if (this.ends.has(name)) {
            const message = `${label} is a port of this switch already; give another name`;
            throw new request_error_1.RequestError('conflict', message, 'ERR_PORT_EXISTS');
        }
        const end = new script_end_1.ScriptEnd(label);
        this.ends.set(name, end);
        end.once('close', () => this.forget(name, end));
        return end;
    }
    /** Destroys all ends, those without a port among them. */
    destroyEnds() {
        for (const end of [...this.ends.values()])
            end.destroy();
    }
    open(spec, context) {
        const end = this.ends.get(spec.name);
        if (end === undefined) {
            throw new Error('only the program that runs the switch can make a script port');
        }
        return new ScriptPort(this, spec, context, end, () => this.forget(spec.name, end));
    }
    identity({ name }) {
        return `script ${name}`;
    }
    explain(_, error) {
        return error.message;
    }
    forget(name, end) {
        if (this.ends.get(name) === end)
            this.ends.delete(name);
    }
}
exports.ScriptKind = ScriptKind;
class ScriptPort extends port_1.Port {
    stream;
    ended;
    origin = 'opened';
    seenMtu;
    constructor(kind, spec, context, stream, ended) {
        super(context.id, kind, spec);
        this.stream = stream;
        this.ended = ended;
        this.mtuBytes = spec.mtu ?? socket_mtu_1.DEFAULT_MTU;
        this.seenMtu = this.mtuBytes;
        stream.once('close', () => context.changed());
    }
    get transport() {
        return this.stream.transport;
    }
    get isTroubled() {
        return this.problem !== undefined;
    }
    refresh() {
        const state = this.stream.destroyed ? 'down' : 'up';
        const change = {
            ...(state !== this.state && { state }),
            ...(this.mtuBytes !== this.seenMtu && { mtuBytes: this.mtuBytes }),
        };
        this.state = state;
        this.seenMtu = this.mtuBytes;
        return change;
    }
    release() {
        this.stream.unplug();
        this.ended();
        return () => Promise.resolve();
    }
    change({ mtu }) {
        this.mtuBytes = mtu ?? this.mtuBytes;
    }
}
