"use strict";
/**
 * The kind of port `dgram`: an Ethernet frame in each datagram, over Unix sockets (QEMU's `-netdev dgram`,
 * vfkit) or UDP (QEMU, GNS3, VPCS).
 *
 * The port is bound to an address and connected to its peer, so that the kernel drops what others send. A Unix
 * port is down while nobody has the peer's socket. A Unix port without `peer` waits for a first datagram, and
 * takes its sender as the peer. A port with a host is up from the start: UDP does not tell whether the peer is
 * there.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.datagramKind = void 0;
const node_fs_1 = require("node:fs");
const rule_1 = require("../config/values/rule");
const socket_address_1 = require("../config/values/socket-address");
const native_1 = require("../native/native");
const listening_socket_1 = require("./listening-socket");
const port_1 = require("./port");
const socket_access_1 = require("./socket-access");
const socket_failure_1 = require("./socket-failure");
const socket_mtu_1 = require("./socket-mtu");
const EPOLLIN = 1;
/** Datagrams that are dropped at most when a peer is connected: more than wait in a socket. */
const WAITING_MAX = 4_096;
const OWN_PEER = 'its peer is its own socket, by another address; give that of the peer';
/** First datagram of vfkit, which is no frame: pkg/vf/virtionet.go. */
const VFKIT_MAGIC = 'VFKT';
const KEYS = {
    peer: {
        rule: socket_address_1.socketAddress,
        placeholder: 'PATH',
        help: "address of the peer's socket; needed with a host (default: that of the first who sends)",
        when: 'opened',
        isFixed: true,
    },
    mtu: socket_mtu_1.MTU_KEY,
    ...socket_access_1.ACCESS_KEYS,
};
exports.datagramKind = {
    name: 'dgram',
    placeholder: 'PATH',
    help: 'of a socket, or an IP address with a port: a frame in each datagram. QEMU: -netdev dgram; GNS3, VPCS, ' +
        'vfkit. With a path, the port is down while its peer is away.',
    nameRule: socket_address_1.socketAddress,
    hasNetns: false,
    keys: KEYS,
    refine: (spec) => refine(spec),
    open: (spec, context) => new DatagramPort(spec, context),
    identity: ({ name }) => `socket ${(0, socket_address_1.socketIdentity)(name)}`,
    explain: ({ name }, error) => (0, socket_failure_1.explainBinding)(name, error),
};
class DatagramPort extends port_1.Port {
    context;
    origin = 'bound';
    own;
    /** Waits for the first datagram, of a port whose peer is whoever sends it. */
    watch;
    peer;
    /** A peer that is connected, and that the data plane does not have yet. */
    next;
    loss;
    obstacle;
    /** Whether the data plane may still have the socket of the last peer. */
    isLeaving = false;
    seenMtu;
    /** @throws as `bindForDatagrams` does */
    constructor(spec, context) {
        super(context.id, exports.datagramKind, spec);
        this.context = context;
        this.state = 'down';
        this.mtuBytes = spec.mtu ?? socket_mtu_1.DEFAULT_MTU;
        this.seenMtu = this.mtuBytes;
        this.own = (0, listening_socket_1.bindForDatagrams)(spec.name, new socket_access_1.SocketAccess(spec, context.login));
        if (spec.peer !== undefined)
            return;
        const { FdWatch } = (0, native_1.native)();
        try {
            this.watch = new FdWatch(this.own.socket.fd, () => this.learnPeer());
            this.watch.arm(EPOLLIN);
        }
        catch (error) {
            this.closeOwn();
            throw error;
        }
    }
    get transport() {
        if (this.peer === undefined)
            return undefined;
        return { fd: this.own.socket.fd, kind: 'datagram', framing: 'plain' };
    }
    get problem() {
        return super.problem ?? this.obstacle;
    }
    get tellsReturn() {
        return false;
    }
    get remarks() {
        if ((0, socket_address_1.isLocal)(this.name))
            return [];
        return [
            'is bound for other machines: whoever can send with the address of its peer can be on the network',
        ];
    }
    /** A peer of UDP that refuses a datagram may be there for the next. */
    troubled({ errno, hasEnded }) {
        if (this.peer === undefined || (!this.isUnix && !hasEnded))
            return;
        this.loss ??= this.isUnix ? 'nobody has its socket any more' : (0, socket_failure_1.wordsOf)(errno);
    }
    refresh() {
        const { peer } = this;
        if (peer !== undefined)
            this.loss ??= this.lossOf(peer);
        const isLost = peer !== undefined && this.loss !== undefined;
        const state = peer === undefined || isLost ? 'down' : 'up';
        const change = {
            ...(state !== this.state && { state }),
            ...(this.mtuBytes !== this.seenMtu && { mtuBytes: this.mtuBytes }),
            ...(isLost && { isLost }),
        };
        if (isLost)
            this.context.note('peer-lost', { peer: peer.address, why: this.loss });
        this.state = state;
        this.seenMtu = this.mtuBytes;
        return change;
    }
    reopen() {
        if (this.peer !== undefined || this.isLeaving)
            return false;
        const { peer } = this.asked;
        if (this.next === undefined && peer !== undefined)
            this.next = this.connect(peer);
        this.peer = this.next;
        this.next = undefined;
        if (this.peer === undefined)
            return false;
        if (this.isUnix)
            this.context.note('peer-connected', { peer: this.peer.address });
        return true;
    }
    release() {
        const hadPeer = this.peer !== undefined;
        this.isLeaving = hadPeer;
        this.peer = undefined;
        this.loss = undefined;
        return () => {
            this.isLeaving = false;
            // Only what comes from now on is of a new peer.
            if (hadPeer)
                this.own.socket.disconnect();
            this.watch?.arm(EPOLLIN);
            return Promise.resolve();
        };
    }
    end() {
        this.peer = undefined;
        this.next = undefined;
        this.isLeaving = true;
        this.watch?.close();
        this.closeOwn();
        return () => Promise.resolve();
    }
    change({ mtu }) {
        this.mtuBytes = mtu ?? this.mtuBytes;
    }
    get isUnix() {
        return (0, socket_address_1.isPath)(this.name);
    }
    closeOwn() {
        this.own.socket.close();
        this.own.name?.remove();
    }
    /** Connects to a peer, and drops what others have sent before. */
    connect(address) {
        const { socket } = this.own;
        if (this.isUnix && isSameFile(fileOf(address), fileOf(this.name))) {
            this.obstacle = OWN_PEER;
            return undefined;
        }
        try {
            socket.connect((0, socket_address_1.parseSocketAddress)(address));
            // A socket that is bound to any address has the peer's when it is connected to it.
            if (socket.ownAddress === socket.peerAddress) {
                this.obstacle = OWN_PEER;
                socket.disconnect();
                return undefined;
            }
            for (let count = 0; count < WAITING_MAX && this.dropWaiting(); count++)
                ;
            this.obstacle = undefined;
            return { address, file: this.isUnix ? fileOf(address) : undefined };
        }
        catch (error) {
            if (!(0, native_1.isNativeError)(error))
                throw error;
            this.obstacle = (0, socket_failure_1.explainConnecting)(error);
            return undefined;
        }
    }
    /** Drops the next datagram, or the error that is in its place. @returns whether there was one */
    dropWaiting() {
        try {
            return this.own.socket.receive(0, false) !== undefined;
        }
        catch (error) {
            // Reading an error of an earlier datagram clears it.
            if ((0, native_1.isNativeError)(error))
                return true;
            throw error;
        }
    }
    /** The first datagram has come, or more: its sender becomes the peer, if it has an address. */
    learnPeer() {
        if (this.peer !== undefined || this.next !== undefined || this.isLeaving)
            return;
        for (let count = 0; count < WAITING_MAX; count++) {
            const first = this.peekWaiting();
            if (first !== undefined && first.from.startsWith('/') && this.isConnected(first.from)) {
                // A frame stays, and is the first that the data plane reads.
                if (first.bytes.toString('latin1') === VFKIT_MAGIC)
                    this.dropWaiting();
                this.next = { address: first.from, file: fileOf(first.from) };
                this.context.changed();
                return;
            }
            if (!this.dropWaiting())
                break;
        }
        this.watch?.arm(EPOLLIN);
    }
    peekWaiting() {
        try {
            return this.own.socket.receive(VFKIT_MAGIC.length + 1, true);
        }
        catch (error) {
            if ((0, native_1.isNativeError)(error))
                return undefined;
            throw error;
        }
    }
    isConnected(address) {
        try {
            return this.own.socket.connect(address);
        }
        catch (error) {
            // It has gone already, or is connected to another.
            if ((0, native_1.isNativeError)(error))
                return false;
            throw error;
        }
    }
    /** Why a peer is there no more, which no event tells; undefined where it is. */
    lossOf({ address, file }) {
        if (!this.isUnix)
            return undefined;
        if (file === undefined || fileOf(address) !== file)
            return 'its socket has been made anew';
        try {
            return (0, listening_socket_1.isHeld)(address) ? undefined : 'nobody has its socket any more';
        }
        catch {
            // There is no descriptor left to ask with.
            return undefined;
        }
    }
}
/** Device and inode of a file; undefined where there is none, or none that this user may see. */
function fileOf(path) {
    try {
        const { dev, ino } = (0, node_fs_1.statSync)(path);
        return `${dev}:${ino}`;
    }
    catch {
        return undefined;
    }
}
function isSameFile(one, other) {
    return one !== undefined && one === other;
}
/** @throws ValueError */
function refine(spec) {
    const { name, peer } = spec;
    if (peer === undefined && !(0, socket_address_1.isPath)(name)) {
        throw new rule_1.ValueError('peer: is needed; give the address of the peer, as in peer=192.0.2.2:5555');
    }
    if (peer !== undefined && familyOf(peer) !== familyOf(name)) {
        throw new rule_1.ValueError(`peer: expected ${familyOf(name)}, got ${familyOf(peer)}`);
    }
    if (peer !== undefined && (0, socket_address_1.socketIdentity)(peer) === (0, socket_address_1.socketIdentity)(name)) {
        throw new rule_1.ValueError('peer: is the address of the port itself; give that of the peer');
    }
    const own = Object.keys(socket_access_1.ACCESS_KEYS).find((key) => spec[key] !== undefined);
    if (own !== undefined && !(0, socket_address_1.isPath)(name)) {
        throw new rule_1.ValueError(`${own}: is for a path; leave it out`);
    }
    return spec;
}
function familyOf(address) {
    if ((0, socket_address_1.isPath)(address))
        return 'a path';
    return address.startsWith('[') ? 'an address of IPv6' : 'an address of IPv4';
}
