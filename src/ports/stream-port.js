"use strict";
/**
 * The kind of port `stream`: Ethernet frames over a stream socket, each behind its length. QEMU's `-netdev
 * stream` and `-netdev socket` have lengths of 4 bytes, simpletun and vde_plug of 2.
 *
 * The port listens for its peer, or connects to it. It is down while there is no peer, and gets another by
 * itself. `PATH#N` is the place number N at a socket that several peers use.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.streamKind = void 0;
const rule_1 = require("../config/values/rule");
const socket_address_1 = require("../config/values/socket-address");
const port_1 = require("./port");
const socket_access_1 = require("./socket-access");
const socket_failure_1 = require("./socket-failure");
const socket_mtu_1 = require("./socket-mtu");
const stream_connector_1 = require("./stream-connector");
const stream_listener_1 = require("./stream-listener");
const DEFAULT_PREFIX = 4;
const PLACES_MAX = 1_024;
/** errno.h */
const EPIPE = 32;
const EPROTO = 71;
const ECONNRESET = 104;
const PREFIX = '2 or 4 bytes';
const prefix = {
    fromText: (text) => toPrefix(/^[24]$/.test(text) ? Number(text) : text),
    fromValue: toPrefix,
    schema: { enum: [2, 4] },
};
function toPrefix(value) {
    if (value !== 2 && value !== 4)
        throw (0, rule_1.expected)(PREFIX, value);
    return value;
}
const NAME = 'a path or an IP address with a port, and #N behind it for the place number N';
const streamName = (0, rule_1.textRule)(NAME, (text) => {
    const { address, place } = splitPlace(text);
    const canonical = socket_address_1.socketAddress.fromText(address);
    if (place !== undefined && (place < 1 || place > PLACES_MAX)) {
        throw (0, rule_1.expected)(`a place from #1 to #${PLACES_MAX}`, text);
    }
    return withPlace(canonical, place);
});
const KEYS = {
    connect: {
        rule: rule_1.onOff,
        isFlag: true,
        fallback: false,
        help: 'connects to a peer that listens, again and again',
        when: 'opened',
        isFixed: true,
    },
    listen: {
        rule: rule_1.onOff,
        isFlag: true,
        help: 'waits for a peer; that is the default',
        when: 'opened',
    },
    max: {
        rule: (0, rule_1.wholeNumber)({ from: 1, to: PLACES_MAX, unit: 'peers' }),
        placeholder: 'N',
        help: `N ports, PATH#1 to PATH#N, each for one peer; 1 to ${PLACES_MAX}`,
        when: 'opened',
    },
    prefix: {
        rule: prefix,
        placeholder: '2',
        help: 'bytes of the length in front of a frame, 2 or 4 (default: 4)',
        fallback: DEFAULT_PREFIX,
    },
    mtu: socket_mtu_1.MTU_KEY,
    ...socket_access_1.ACCESS_KEYS,
};
exports.streamKind = {
    name: 'stream',
    placeholder: 'PATH',
    help: 'of a socket, or an IP address with a port, such as 127.0.0.1:5555: frames over a stream, each behind its ' +
        'length. QEMU: -netdev stream, -netdev socket. The port is down while it has no peer.',
    nameRule: streamName,
    hasNetns: false,
    keys: KEYS,
    refine: (spec) => refine(spec),
    expand: (spec) => expand(spec),
    open: (spec, context) => StreamPort.open(spec, context),
    identity: ({ name }) => {
        const { address, place } = splitPlace(name);
        return `socket ${withPlace((0, socket_address_1.socketIdentity)(address), place)}`;
    },
    explain: ({ name }, error) => (0, socket_failure_1.explainBinding)(splitPlace(name).address, error),
};
class StreamPort extends port_1.Port {
    context;
    address;
    source;
    peer;
    /** A peer that has come and is not in the data plane yet. */
    next;
    /** Why the peer has gone, until the port has given it up. */
    loss;
    seenMtu;
    constructor(spec, context) {
        super(context.id, exports.streamKind, spec);
        this.context = context;
        const { address, place } = splitPlace(spec.name);
        this.address = address;
        this.state = 'down';
        this.mtuBytes = spec.mtu ?? socket_mtu_1.DEFAULT_MTU;
        this.seenMtu = this.mtuBytes;
        this.source = spec.connect === true ? this.connecting() : this.listening(spec, place ?? 0);
    }
    static open(spec, context) {
        return new StreamPort(spec, context);
    }
    get origin() {
        return this.source.origin;
    }
    get transport() {
        if (this.peer === undefined)
            return undefined;
        const lengthBytes = this.asked.prefix ?? DEFAULT_PREFIX;
        return { fd: this.peer.socket.fd, kind: 'stream', framing: 'plain', lengthBytes };
    }
    get problem() {
        return super.problem ?? this.source.problem;
    }
    get tellsReturn() {
        return false;
    }
    get remarks() {
        if (this.origin !== 'listening' || (0, socket_address_1.isLocal)(this.address))
            return [];
        return ['listens for other machines: whoever can reach this address can be on the network'];
    }
    troubled({ errno }) {
        if (this.peer !== undefined)
            this.loss ??= lossOf(errno);
    }
    refresh() {
        const isLost = this.peer !== undefined && this.loss !== undefined;
        const state = this.peer === undefined || isLost ? 'down' : 'up';
        const change = {
            ...(state !== this.state && { state }),
            ...(this.mtuBytes !== this.seenMtu && { mtuBytes: this.mtuBytes }),
            ...(isLost && { isLost }),
        };
        if (isLost)
            this.context.note('peer-lost', { peer: this.peer?.who, why: this.loss });
        this.state = state;
        this.seenMtu = this.mtuBytes;
        return change;
    }
    reopen() {
        if (this.peer !== undefined)
            return false;
        const socket = this.next === undefined ? this.source.connect() : undefined;
        this.peer = socket === undefined ? this.next : { socket, who: this.address };
        this.next = undefined;
        if (this.peer === undefined)
            return false;
        this.context.note('peer-connected', { peer: this.peer.who });
        return true;
    }
    release() {
        const { peer } = this;
        this.peer = undefined;
        this.loss = undefined;
        if (peer !== undefined)
            this.source.ended();
        // One that came while the last was still there.
        if (this.next !== undefined)
            queueMicrotask(this.context.changed);
        return () => {
            peer?.socket.close();
            return Promise.resolve();
        };
    }
    end() {
        this.source.close();
        this.next?.socket.close();
        this.next = undefined;
        return this.release();
    }
    change({ mtu, prefix: lengthBytes }) {
        this.mtuBytes = mtu ?? this.mtuBytes;
        if (lengthBytes === undefined || lengthBytes === this.holds('prefix'))
            return;
        // What is on its way has lengths of the other kind.
        if (this.peer !== undefined)
            this.loss ??= 'the prefix has changed';
    }
    connecting() {
        const { address, context } = this;
        const connected = (socket) => {
            this.next = { socket, who: address };
            context.changed();
        };
        const connector = new stream_connector_1.StreamConnector(address, connected, () => context.changed());
        return {
            origin: 'connecting',
            get problem() {
                return connector.problem;
            },
            connect: () => connector.connect(),
            ended: () => connector.ended(),
            close: () => connector.close(),
        };
    }
    /** @throws as `listenForStreams` does */
    listening(spec, number) {
        const { context } = this;
        const { shared } = context;
        const access = new socket_access_1.SocketAccess(spec, context.login);
        const key = `stream ${(0, socket_address_1.socketIdentity)(this.address)}`;
        const found = shared.get(key);
        if (found !== undefined && !found.access.equals(access)) {
            const cure = 'give all ports of one path the same';
            throw new rule_1.ValueError(`its mode, owner or group differs from that of another place; ${cure}`);
        }
        const listener = found ?? new stream_listener_1.StreamListener(this.address, access);
        shared.set(key, listener);
        listener.add(number, {
            isFree: () => this.isFree(),
            give: (socket, who) => {
                this.next = { socket, who };
                context.changed();
            },
            refused: (peer, why, untold) => context.note('peer-refused', { peer, why, untold }),
            changed: () => context.changed(),
        });
        return {
            origin: 'listening',
            get problem() {
                return listener.problem;
            },
            connect: () => undefined,
            ended: () => undefined,
            close: () => {
                if (listener.remove(number))
                    shared.delete(key);
            },
        };
    }
    /** Whether a peer can have the place. The data plane may not have told yet that the last has hung up. */
    isFree() {
        if (this.next?.socket.hasHungUp === true) {
            this.next.socket.close();
            this.next = undefined;
        }
        if (this.next !== undefined)
            return false;
        if (this.peer?.socket.hasHungUp === true)
            this.loss ??= lossOf(0);
        return this.peer === undefined || this.loss !== undefined;
    }
}
function lossOf(errno) {
    if (errno === EPROTO)
        return 'it sent a length that no frame has';
    if (errno === 0 || errno === EPIPE || errno === ECONNRESET)
        return 'it has hung up';
    return (0, socket_failure_1.wordsOf)(errno);
}
/** `PATH#2`: the address, and the place at it. */
function splitPlace(name) {
    const [, address, digits] = /^(.*)#(\d{1,5})$/s.exec(name) ?? [];
    if (address === undefined)
        return { address: name, place: undefined };
    return { address, place: Number(digits) };
}
function withPlace(address, place) {
    return place === undefined ? address : `${address}#${place}`;
}
/** @throws ValueError */
function refine(spec) {
    const { listen, ...rest } = spec;
    const { name, connect, max } = rest;
    const { address, place } = splitPlace(name);
    if (listen === true && connect === true) {
        throw new rule_1.ValueError('listen and connect: a port does one of both; leave one out');
    }
    if (listen === false && connect !== true) {
        throw new rule_1.ValueError('listen: a port that does not listen connects; give connect');
    }
    if (connect === true && (max !== undefined || place !== undefined)) {
        throw new rule_1.ValueError('connect: a port that connects has one peer; leave out #N and max');
    }
    if (max !== undefined && place !== undefined) {
        throw new rule_1.ValueError('max: stands for several ports; leave out #N');
    }
    const own = Object.keys(socket_access_1.ACCESS_KEYS).find((key) => spec[key] !== undefined);
    if (own !== undefined && (connect === true || !(0, socket_address_1.isPath)(address))) {
        throw new rule_1.ValueError(`${own}: is for a path at which the port listens; leave it out`);
    }
    return rest;
}
function expand({ max, ...rest }) {
    if (max === undefined)
        return [rest];
    const places = Array.from({ length: max }, (_, index) => index + 1);
    return places.map((place) => ({ ...rest, name: withPlace(rest.name, place) }));
}
