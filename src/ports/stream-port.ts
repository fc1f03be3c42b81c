/**
 * The kind of port `stream`: Ethernet frames over a stream socket, each behind its length. QEMU's `-netdev
 * stream` and `-netdev socket` have lengths of 4 bytes, simpletun and vde_plug of 2.
 *
 * The port listens for its peer, or connects to it. It is down while there is no peer, and gets another by
 * itself. `PATH#N` is the place number N at a socket that several peers use.
 */

import type { PortKey } from '../config/port-grammar';
import type { PortSettings, PortSpec } from '../config/values/port-spec';
import {
  type Rule,
  ValueError,
  expected,
  onOff,
  textRule,
  wholeNumber,
} from '../config/values/rule';
import { isLocal, isPath, socketAddress, socketIdentity } from '../config/values/socket-address';
import type { PortTransport } from '../dataplane/messages';
import type { PortTrouble } from '../dataplane/native-io';
import type { NativeSocket } from '../native/native';
import { Port, type PortChange, type PortContext, type PortKind, type PortOrigin } from './port';
import { ACCESS_KEYS, type AccessKeys, SocketAccess } from './socket-access';
import { explainBinding, wordsOf } from './socket-failure';
import { DEFAULT_MTU, MTU_KEY } from './socket-mtu';
import { StreamConnector } from './stream-connector';
import { StreamListener } from './stream-listener';

const DEFAULT_PREFIX = 4;
const PLACES_MAX = 1_024;

/** errno.h */
const EPIPE = 32;
const EPROTO = 71;
const ECONNRESET = 104;

/** What the keys of a stream say. */
interface StreamSettings extends PortSettings, AccessKeys {
  readonly listen?: boolean | undefined;
  readonly connect?: boolean | undefined;
  readonly prefix?: 2 | 4 | undefined;
  readonly mtu?: number | undefined;
  readonly max?: number | undefined;
}

type StreamSpec = PortSpec & StreamSettings;

const PREFIX = '2 or 4 bytes';

const prefix: Rule<2 | 4> = {
  fromText: (text) => toPrefix(/^[24]$/.test(text) ? Number(text) : text),
  fromValue: toPrefix,
  schema: { enum: [2, 4] },
};

function toPrefix(value: unknown): 2 | 4 {
  if (value !== 2 && value !== 4) throw expected(PREFIX, value);
  return value;
}

const NAME = 'a path or an IP address with a port, and #N behind it for the place number N';

const streamName = textRule(NAME, (text) => {
  const { address, place } = splitPlace(text);
  const canonical = socketAddress.fromText(address);
  if (place !== undefined && (place < 1 || place > PLACES_MAX)) {
    throw expected(`a place from #1 to #${PLACES_MAX}`, text);
  }
  return withPlace(canonical, place);
});

const KEYS = {
  connect: {
    rule: onOff,
    isFlag: true,
    fallback: false,
    help: 'connects to a peer that listens, again and again',
    when: 'opened',
    isFixed: true,
  },
  listen: {
    rule: onOff,
    isFlag: true,
    help: 'waits for a peer; that is the default',
    when: 'opened',
  },
  max: {
    rule: wholeNumber({ from: 1, to: PLACES_MAX, unit: 'peers' }),
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
  mtu: MTU_KEY,
  ...ACCESS_KEYS,
} satisfies Readonly<Record<string, PortKey>>;

export const streamKind: PortKind = {
  name: 'stream',
  placeholder: 'PATH',
  help:
    'of a socket, or an IP address with a port, such as 127.0.0.1:5555: frames over a stream, each behind its ' +
    'length. QEMU: -netdev stream, -netdev socket. The port is down while it has no peer.',
  nameRule: streamName,
  hasNetns: false,
  keys: KEYS,
  refine: (spec) => refine(spec),
  expand: (spec) => expand(spec),
  open: (spec, context) => StreamPort.open(spec, context),
  identity: ({ name }) => {
    const { address, place } = splitPlace(name);
    return `socket ${withPlace(socketIdentity(address), place)}`;
  },
  explain: ({ name }, error) => explainBinding(splitPlace(name).address, error),
};

/** A peer, and the connection to it. */
interface Peer {
  readonly socket: NativeSocket;
  /** Name of the peer, for a person. */
  readonly who: string;
}

/** Where the port gets its peer from. */
interface Source {
  readonly origin: PortOrigin;
  readonly problem: string | undefined;
  /** @returns a connection that is there at once */
  connect(): NativeSocket | undefined;
  /** Takes note that the connection to a peer has ended. */
  ended(): void;
  close(): void;
}

class StreamPort extends Port {
  private readonly address: string;
  private readonly source: Source;
  private peer: Peer | undefined;
  /** A peer that has come and is not in the data plane yet. */
  private next: Peer | undefined;
  /** Why the peer has gone, until the port has given it up. */
  private loss: string | undefined;
  private seenMtu: number;

  private constructor(
    spec: StreamSpec,
    private readonly context: PortContext,
  ) {
    super(context.id, streamKind, spec);
    const { address, place } = splitPlace(spec.name);
    this.address = address;
    this.state = 'down';
    this.mtuBytes = spec.mtu ?? DEFAULT_MTU;
    this.seenMtu = this.mtuBytes;
    this.source = spec.connect === true ? this.connecting() : this.listening(spec, place ?? 0);
  }

  static open(spec: StreamSpec, context: PortContext): StreamPort {
    return new StreamPort(spec, context);
  }

  get origin(): PortOrigin {
    return this.source.origin;
  }

  get transport(): PortTransport | undefined {
    if (this.peer === undefined) return undefined;
    const lengthBytes = (this.asked as StreamSpec).prefix ?? DEFAULT_PREFIX;
    return { fd: this.peer.socket.fd, kind: 'stream', framing: 'plain', lengthBytes };
  }

  override get problem(): string | undefined {
    return super.problem ?? this.source.problem;
  }

  override get tellsReturn(): boolean {
    return false;
  }

  override get remarks(): readonly string[] {
    if (this.origin !== 'listening' || isLocal(this.address)) return [];
    return ['listens for other machines: whoever can reach this address can be on the network'];
  }

  override troubled({ errno }: PortTrouble): void {
    if (this.peer !== undefined) this.loss ??= lossOf(errno);
  }

  refresh(): PortChange {
    const isLost = this.peer !== undefined && this.loss !== undefined;
    const state = this.peer === undefined || isLost ? 'down' : 'up';
    const change: PortChange = {
      ...(state !== this.state && { state }),
      ...(this.mtuBytes !== this.seenMtu && { mtuBytes: this.mtuBytes }),
      ...(isLost && { isLost }),
    };
    if (isLost) this.context.note('peer-lost', { peer: this.peer?.who, why: this.loss });
    this.state = state;
    this.seenMtu = this.mtuBytes;
    return change;
  }

  override reopen(): boolean {
    if (this.peer !== undefined) return false;
    const socket = this.next === undefined ? this.source.connect() : undefined;
    this.peer = socket === undefined ? this.next : { socket, who: this.address };
    this.next = undefined;
    if (this.peer === undefined) return false;
    this.context.note('peer-connected', { peer: this.peer.who });
    return true;
  }

  release(): () => Promise<void> {
    const { peer } = this;
    this.peer = undefined;
    this.loss = undefined;
    if (peer !== undefined) this.source.ended();
    // One that came while the last was still there.
    if (this.next !== undefined) queueMicrotask(this.context.changed);
    return () => {
      peer?.socket.close();
      return Promise.resolve();
    };
  }

  override end(): () => Promise<void> {
    this.source.close();
    this.next?.socket.close();
    this.next = undefined;
    return this.release();
  }

  protected change({ mtu, prefix: lengthBytes }: StreamSettings): void {
    this.mtuBytes = mtu ?? this.mtuBytes;
    if (lengthBytes === undefined || lengthBytes === this.holds('prefix')) return;
    // What is on its way has lengths of the other kind.
    if (this.peer !== undefined) this.loss ??= 'the prefix has changed';
  }

  private connecting(): Source {
    const { address, context } = this;
    const connected = (socket: NativeSocket): void => {
      this.next = { socket, who: address };
      context.changed();
    };
    const connector = new StreamConnector(address, connected, () => context.changed());
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
  private listening(spec: StreamSpec, number: number): Source {
    const { context } = this;
    const { shared } = context;
    const access = new SocketAccess(spec, context.login);
    const key = `stream ${socketIdentity(this.address)}`;
    const found = shared.get(key) as StreamListener | undefined;
    if (found !== undefined && !found.access.equals(access)) {
      const cure = 'give all ports of one path the same';
      throw new ValueError(`its mode, owner or group differs from that of another place; ${cure}`);
    }
    const listener = found ?? new StreamListener(this.address, access);
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
        if (listener.remove(number)) shared.delete(key);
      },
    };
  }

  /** Whether a peer can have the place. The data plane may not have told yet that the last has hung up. */
  private isFree(): boolean {
    if (this.next?.socket.hasHungUp === true) {
      this.next.socket.close();
      this.next = undefined;
    }
    if (this.next !== undefined) return false;
    if (this.peer?.socket.hasHungUp === true) this.loss ??= lossOf(0);
    return this.peer === undefined || this.loss !== undefined;
  }
}

function lossOf(errno: number): string {
  if (errno === EPROTO) return 'it sent a length that no frame has';
  if (errno === 0 || errno === EPIPE || errno === ECONNRESET) return 'it has hung up';
  return wordsOf(errno);
}

/** `PATH#2`: the address, and the place at it. */
function splitPlace(name: string): {
  readonly address: string;
  readonly place: number | undefined;
} {
  const [, address, digits] = /^(.*)#(\d{1,5})$/s.exec(name) ?? [];
  if (address === undefined) return { address: name, place: undefined };
  return { address, place: Number(digits) };
}

function withPlace(address: string, place: number | undefined): string {
  return place === undefined ? address : `${address}#${place}`;
}

/** @throws ValueError */
function refine(spec: StreamSpec): StreamSpec {
  const { listen, ...rest } = spec;
  const { name, connect, max } = rest;
  const { address, place } = splitPlace(name);
  if (listen === true && connect === true) {
    throw new ValueError('listen and connect: a port does one of both; leave one out');
  }
  if (listen === false && connect !== true) {
    throw new ValueError('listen: a port that does not listen connects; give connect');
  }
  if (connect === true && (max !== undefined || place !== undefined)) {
    throw new ValueError('connect: a port that connects has one peer; leave out #N and max');
  }
  if (max !== undefined && place !== undefined) {
    throw new ValueError('max: stands for several ports; leave out #N');
  }
  const own = Object.keys(ACCESS_KEYS).find((key) => spec[key] !== undefined);
  if (own !== undefined && (connect === true || !isPath(address))) {
    throw new ValueError(`${own}: is for a path at which the port listens; leave it out`);
  }
  return rest;
}

function expand({ max, ...rest }: StreamSpec): StreamSpec[] {
  if (max === undefined) return [rest];
  const places = Array.from({ length: max }, (_, index) => index + 1);
  return places.map((place) => ({ ...rest, name: withPlace(rest.name, place) }));
}
