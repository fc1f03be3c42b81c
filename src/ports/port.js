"use strict";
/**
 * A port as the control plane holds it, and the interface of a kind of port. A TAP is one kind. Only the
 * file of a kind knows the kind; all other code handles ports.
 *
 * A kind opens a transport for frames (a device, a socket), and gives the data plane its descriptor. A
 * transport is lost when the device is deleted or the peer hangs up. The port then stays, with its label,
 * its id and its counters, and may get another transport.
 *
 * All of this runs on the main thread. No frame passes through here.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Port = exports.PORT_ORIGINS = void 0;
const port_spec_1 = require("../config/values/port-spec");
const bridge_keys_1 = require("./bridge-keys");
/**
 * Origins of ports. An interface is made by the switch, attached to as it existed, or taken from the host. A
 * socket listens for its peer, connects to its peer, or is bound to an address. A script port is opened by the
 * program.
 */
exports.PORT_ORIGINS = [
    'made',
    'attached',
    'taken',
    'listening',
    'connecting',
    'bound',
    'opened',
];
class Port {
    id;
    kind;
    asked;
    state = 'up';
    /** Bytes after the Ethernet header. For a port that is gone: the last value, or the one set since. */
    mtuBytes = 0;
    /** Reason why the port is shut, as one line for a person; undefined while it is open. */
    shutReason;
    /** Reason why the data plane does not use the transport; undefined if it does. */
    plugProblem;
    /** Permanent name of the port: the name asked for, or the one that the kernel made of a pattern. */
    name;
    constructor(id, kind, asked) {
        this.id = id;
        this.kind = kind;
        this.asked = asked;
        this.name = asked.name;
    }
    /** Permanent label of the port, used everywhere: `[KIND:]NAME[@NETNS]`. */
    get label() {
        return (0, port_spec_1.portLabel)(this.namedSpec);
    }
    /** Port as asked for, with all settings made since. */
    get spec() {
        return this.asked;
    }
    /** `spec` with the name that the kernel made of a pattern: it identifies this port. */
    get namedSpec() {
        return { ...this.asked, name: this.name };
    }
    /** Present or last name of the interface in the kernel; the port's name if it has no interface. */
    get kernelName() {
        return this.name;
    }
    /** State for people: a port that is shut is down, whatever its link does. */
    get shownState() {
        return this.state === 'up' && this.shutReason !== undefined ? 'down' : this.state;
    }
    /** Whether the interface is called otherwise now than the port. */
    get isRenamed() {
        return this.kernelName !== this.name;
    }
    /** Remarks for the operator about the transport, one line each. They are logged once for each. */
    get remarks() {
        return [];
    }
    /** Problem of the port, as one line for a person; undefined if there is none. */
    get problem() {
        return this.plugProblem;
    }
    /** Whether the kernel has reported a change since the last refresh. */
    get hasNews() {
        return false;
    }
    /** Whether the port has something to try again, or a change to watch for that the kernel does not report. */
    get isTroubled() {
        return this.transport === undefined || this.problem !== undefined;
    }
    /** Whether the journal reports each new transport of the port as its return. */
    get tellsReturn() {
        return true;
    }
    /** Whether the port sends super-frames and partial checksums as they are. */
    get takesOffloads() {
        return false;
    }
    /**
     * What the bridge must know to let the kernel redirect frames of the port; `null` where it must not,
     * `undefined` for a kind of port that never can.
     */
    get fastLeg() {
        return undefined;
    }
    /** Why frames of the port do not take the fast path at this moment; undefined where they may. */
    get fastObstacle() {
        return 'the port is no interface of the kernel';
    }
    /** MAC of the one station that is behind the port for good, such as the host itself. */
    get hostMac() {
        return undefined;
    }
    /** Whether the port wants the least MTU of the other ports, as a bridge has it. */
    get wantsLeastMtu() {
        return false;
    }
    /** Value that holds for a key as long as nothing is said of it; undefined where it stays as it is. */
    fallbackOf(key) {
        return this.keyOf(key)?.fallback;
    }
    /** @returns the value of a key, which a reload compares with the wanted one */
    holds(key) {
        if (key === 'shut')
            return this.shutReason !== undefined;
        return this.asked[key] ?? this.fallbackOf(key);
    }
    /** @returns the present value of a key, which a reload restores if it fails */
    valueNow(key) {
        return this.holds(key);
    }
    /** Tries to replace a lost transport. @returns whether the port has a new one */
    reopen() {
        return false;
    }
    /**
     * Applies to a new transport the settings of the port, also those made while there was no transport.
     * @throws errors that `explain` can explain; the new transport is unchanged then
     */
    applyKept() {
        // Most kinds keep nothing.
    }
    /**
     * Changes the port. The caller gives the bridge its settings afterwards.
     * @throws errors that `explain` can explain; nothing has changed then
     */
    set(settings) {
        const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
        const own = entries.filter(([key]) => !bridge_keys_1.BRIDGE_KEYS.has(key));
        if (own.length > 0)
            this.change(Object.fromEntries(own));
        // A key such as `up` is a momentary state, and no part of what was asked for.
        const lasting = entries.filter(([key]) => this.keyOf(key)?.when !== 'open');
        const { up, shut } = settings;
        if (shut === true)
            this.shutReason = 'shut by an operator; open it with shut=off';
        if (shut === false || up === true)
            this.shutReason = undefined;
        this.asked = { ...this.asked, ...Object.fromEntries(lasting) };
    }
    keyOf(key) {
        return this.kind.keys[key] ?? bridge_keys_1.BRIDGE_KEYS.get(key);
    }
    /** @returns a function that restores the present `spec` */
    snapshot() {
        const { asked } = this;
        return () => {
            this.asked = asked;
        };
    }
    /** Releases the namespace that an interface was moved to, until the next refresh. */
    releaseNetns() {
        // Most kinds hold none.
    }
    /** Turns off persistence, so that closing the port deletes the device that the switch made. */
    forgetPersistence() {
        // Most kinds leave nothing behind.
    }
    /**
     * Ends the port: releases the transport, and the source of further ones.
     * @returns as `release` does
     */
    end() {
        return this.release();
    }
}
exports.Port = Port;
