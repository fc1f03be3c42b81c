/**
 * The kind of port `dgram`: an Ethernet frame in each datagram, over Unix sockets (QEMU's `-netdev dgram`,
 * vfkit) or UDP (QEMU, GNS3, VPCS).
 *
 * The port is bound to an address and connected to its peer, so that the kernel drops what others send. A Unix
 * port is down while nobody has the peer's socket. A Unix port without `peer` waits for a first datagram, and
 * takes its sender as the peer. A port with a host is up from the start: UDP does not tell whether the peer is
 * there.
 */

import { statSync } from 'node:fs';
import type { PortKey } from '../config/port-grammar';
import type { PortSettings, PortSpec } from '../config/values/port-spec';
import { ValueError } from '../config/values/rule';
import {
  isLocal,
  isPath,
  parseSocketAddress,
  socketAddress,
  socketIdentity,
} from '../config/values/socket-address';
import type { PortTransport } from '../dataplane/messages';
import type { PortTrouble } from '../dataplane/native-io';
import { type NativeFdWatch, type NativeSocket, isNativeError, native } from '../native/native';
import { type OwnSocket, bindForDatagrams, isHeld } from './listening-socket';
import { Port, type PortChange, type PortContext, type PortKind, type PortOrigin } from './port';
import { ACCESS_KEYS, type AccessKeys, SocketAccess } from './socket-access';
import { explainBinding, explainConnecting, wordsOf } from './socket-failure';
import { DEFAULT_MTU, MTU_KEY } from './socket-mtu';

const EPOLLIN = 1;
/** Datagrams that are dropped at most when a peer is connected: more than wait in a socket. */
const WAITING_MAX = 4_096;
const OWN_PEER = 'its peer is its own socket, by another address; give that of the peer';
/** First datagram of vfkit, which is no frame: pkg/vf/virtionet.go. */
const VFKIT_MAGIC = 'VFKT';

/** What the keys of a datagram port say. */
interface DatagramSettings extends PortSettings, AccessKeys {
  readonly peer?: string | undefined;
  readonly mtu?: number | undefined;
}

type DatagramSpec = PortSpec & DatagramSettings;

const KEYS = {
  peer: {
    rule: socketAddress,
    placeholder: 'PATH',
    help: "address of the peer's socket; needed with a host (default: that of the first who sends)",
    when: 'opened',
    isFixed: true,
  },
  mtu: MTU_KEY,
  ...ACCESS_KEYS,
} satisfies Readonly<Record<string, PortKey>>;

export const datagramKind: PortKind = {
  name: 'dgram',
  placeholder: 'PATH',
  help:
    'of a socket, or an IP address with a port: a frame in each datagram. QEMU: -netdev dgram; GNS3, VPCS, ' +
    'vfkit. With a path, the port is down while its peer is away.',
  nameRule: socketAddress,
  hasNetns: false,
  keys: KEYS,
  refine: (spec) => refine(spec),
  open: (spec, context) => new DatagramPort(spec, context),
  identity: ({ name }) => `socket ${socketIdentity(name)}`,
  explain: ({ name }, error) => explainBinding(name, error),
};

/** The peer that the socket is connected to. */
interface Peer {
  readonly address: string;
  /** Device and inode of the file of its socket. */
  readonly file: string | undefined;
}

class DatagramPort extends Port {
  readonly origin: PortOrigin = 'bound';
  private readonly own: OwnSocket;
  /** Waits for the first datagram, of a port whose peer is whoever sends it. */
  private readonly watch: NativeFdWatch | undefined;
  private peer: Peer | undefined;
  /** A peer that is connected, and that the data plane does not have yet. */
  private next: Peer | undefined;
  private loss: string | undefined;
  private obstacle: string | undefined;
  /** Whether the data plane may still have the socket of the last peer. */
  private isLeaving = false;
  private seenMtu: number;

  /** @throws as `bindForDatagrams` does */
  constructor(
    spec: DatagramSpec,
    private readonly context: PortContext,
  ) {
    super(context.id, datagramKind, spec);
    this.state = 'down';
    this.mtuBytes = spec.mtu ?? DEFAULT_MTU;
    this.seenMtu = this.mtuBytes;
    this.own = bindForDatagrams(spec.name, new SocketAccess(spec, context.login));
    if (spec.peer !== undefined) return;
    const { FdWatch } = native();
    try {
      this.watch = new FdWatch(this.own.socket.fd, () => this.learnPeer());
      this.watch.arm(EPOLLIN);
    } catch (error) {
      this.closeOwn();
      throw error;
    }
  }

  get transport(): PortTransport | undefined {
    if (this.peer === undefined) return undefined;
    return { fd: this.own.socket.fd, kind: 'datagram', framing: 'plain' };
  }

  override get problem(): string | undefined {
    return super.problem ?? this.obstacle;
  }

  override get tellsReturn(): boolean {
    return false;
  }

  override get remarks(): readonly string[] {
    if (isLocal(this.name)) return [];
    return [
      'is bound for other machines: whoever can send with the address of its peer can be on the network',
    ];
  }

  /** A peer of UDP that refuses a datagram may be there for the next. */
  override troubled({ errno, hasEnded }: PortTrouble): void {
    if (this.peer === undefined || (!this.isUnix && !hasEnded)) return;
    this.loss ??= this.isUnix ? 'nobody has its socket any more' : wordsOf(errno);
  }

  refresh(): PortChange {
    const { peer } = this;
    if (peer !== undefined) this.loss ??= this.lossOf(peer);
    const isLost = peer !== undefined && this.loss !== undefined;
    const state = peer === undefined || isLost ? 'down' : 'up';
    const change: PortChange = {
      ...(state !== this.state && { state }),
      ...(this.mtuBytes !== this.seenMtu && { mtuBytes: this.mtuBytes }),
      ...(isLost && { isLost }),
    };
    if (isLost) this.context.note('peer-lost', { peer: peer.address, why: this.loss });
    this.state = state;
    this.seenMtu = this.mtuBytes;
    return change;
  }

  override reopen(): boolean {
    if (this.peer !== undefined || this.isLeaving) return false;
    const { peer } = this.asked as DatagramSpec;
    if (this.next === undefined && peer !== undefined) this.next = this.connect(peer);
    this.peer = this.next;
    this.next = undefined;
    if (this.peer === undefined) return false;
    if (this.isUnix) this.context.note('peer-connected', { peer: this.peer.address });
    return true;
  }

  release(): () => Promise<void> {
    const hadPeer = this.peer !== undefined;
    this.isLeaving = hadPeer;
    this.peer = undefined;
    this.loss = undefined;
    return () => {
      this.isLeaving = false;
      // Only what comes from now on is of a new peer.
      if (hadPeer) this.own.socket.disconnect();
      this.watch?.arm(EPOLLIN);
      return Promise.resolve();
    };
  }

  override end(): () => Promise<void> {
    this.peer = undefined;
    this.next = undefined;
    this.isLeaving = true;
    this.watch?.close();
    this.closeOwn();
    return () => Promise.resolve();
  }

  protected change({ mtu }: DatagramSettings): void {
    this.mtuBytes = mtu ?? this.mtuBytes;
  }

  private get isUnix(): boolean {
    return isPath(this.name);
  }

  private closeOwn(): void {
    this.own.socket.close();
    this.own.name?.remove();
  }

  /** Connects to a peer, and drops what others have sent before. */
  private connect(address: string): Peer | undefined {
    const { socket } = this.own;
    if (this.isUnix && isSameFile(fileOf(address), fileOf(this.name))) {
      this.obstacle = OWN_PEER;
      return undefined;
    }
    try {
      socket.connect(parseSocketAddress(address));
      // A socket that is bound to any address has the peer's when it is connected to it.
      if (socket.ownAddress === socket.peerAddress) {
        this.obstacle = OWN_PEER;
        socket.disconnect();
        return undefined;
      }
      for (let count = 0; count < WAITING_MAX && this.dropWaiting(); count++);
      this.obstacle = undefined;
      return { address, file: this.isUnix ? fileOf(address) : undefined };
    } catch (error) {
      if (!isNativeError(error)) throw error;
      this.obstacle = explainConnecting(error);
      return undefined;
    }
  }

  /** Drops the next datagram, or the error that is in its place. @returns whether there was one */
  private dropWaiting(): boolean {
    try {
      return this.own.socket.receive(0, false) !== undefined;
    } catch (error) {
      // Reading an error of an earlier datagram clears it.
      if (isNativeError(error)) return true;
      throw error;
    }
  }

  /** The first datagram has come, or more: its sender becomes the peer, if it has an address. */
  private learnPeer(): void {
    if (this.peer !== undefined || this.next !== undefined || this.isLeaving) return;
    for (let count = 0; count < WAITING_MAX; count++) {
      const first = this.peekWaiting();
      if (first !== undefined && first.from.startsWith('/') && this.isConnected(first.from)) {
        // A frame stays, and is the first that the data plane reads.
        if (first.bytes.toString('latin1') === VFKIT_MAGIC) this.dropWaiting();
        this.next = { address: first.from, file: fileOf(first.from) };
        this.context.changed();
        return;
      }
      if (!this.dropWaiting()) break;
    }
    this.watch?.arm(EPOLLIN);
  }

  private peekWaiting(): ReturnType<NativeSocket['receive']> {
    try {
      return this.own.socket.receive(VFKIT_MAGIC.length + 1, true);
    } catch (error) {
      if (isNativeError(error)) return undefined;
      throw error;
    }
  }

  private isConnected(address: string): boolean {
    try {
      return this.own.socket.connect(address);
    } catch (error) {
      // It has gone already, or is connected to another.
      if (isNativeError(error)) return false;
      throw error;
    }
  }

  /** Why a peer is there no more, which no event tells; undefined where it is. */
  private lossOf({ address, file }: Peer): string | undefined {
    if (!this.isUnix) return undefined;
    if (file === undefined || fileOf(address) !== file) return 'its socket has been made anew';
    try {
      return isHeld(address) ? undefined : 'nobody has its socket any more';
    } catch {
      // There is no descriptor left to ask with.
      return undefined;
    }
  }
}

/** Device and inode of a file; undefined where there is none, or none that this user may see. */
function fileOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

function isSameFile(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && one === other;
}

/** @throws ValueError */
function refine(spec: DatagramSpec): DatagramSpec {
  const { name, peer } = spec;
  if (peer === undefined && !isPath(name)) {
    throw new ValueError(
      'peer: is needed; give the address of the peer, as in peer=192.0.2.2:5555',
    );
  }
  if (peer !== undefined && familyOf(peer) !== familyOf(name)) {
    throw new ValueError(`peer: expected ${familyOf(name)}, got ${familyOf(peer)}`);
  }
  if (peer !== undefined && socketIdentity(peer) === socketIdentity(name)) {
    throw new ValueError('peer: is the address of the port itself; give that of the peer');
  }
  const own = Object.keys(ACCESS_KEYS).find((key) => spec[key] !== undefined);
  if (own !== undefined && !isPath(name)) {
    throw new ValueError(`${own}: is for a path; leave it out`);
  }
  return spec;
}

function familyOf(address: string): string {
  if (isPath(address)) return 'a path';
  return address.startsWith('[') ? 'an address of IPv6' : 'an address of IPv4';
}
