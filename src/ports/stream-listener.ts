/**
 * A socket at which the peers of ports arrive. The ports of one address share it: each is a place for one
 * peer, and a peer gets the free place of the lowest number. Where none is free, it is refused at once.
 */

import { isPath } from '../config/values/socket-address';
import { type NativeFdWatch, type NativeSocket, native } from '../native/native';
import type { SocketName } from '../system/socket-name';
import { listenForStreams } from './listening-socket';
import type { SocketAccess } from './socket-access';
import { explainBinding } from './socket-failure';

const EPOLLIN = 1;
/** Milliseconds until a connection is accepted again that no descriptor was left for. */
const RETRY_MS = 500;
/** Milliseconds from one report of refused peers to the next. */
const REPORT_MS = 1_000;

/** A port that waits for a peer. */
export interface Place {
  /** Whether a peer could have it. Gives up a peer that has hung up. */
  isFree(): boolean;
  /** Takes a peer. @param peer who it is, for a person */
  give(socket: NativeSocket, peer: string): void;
  /** Reports that a peer was refused. @param untold number of earlier refusals that were not reported */
  refused(peer: string, why: string, untold: number): void;
  /** What keeps peers from being accepted has changed. */
  changed(): void;
}

export class StreamListener {
  /** Why no peer can be accepted at the moment. */
  problem: string | undefined;
  private readonly places = new Map<number, Place>();
  private readonly socket: NativeSocket;
  private readonly name: SocketName | undefined;
  private readonly watch: NativeFdWatch;
  private retry: NodeJS.Timeout | undefined;
  private lastReportMs = Number.NEGATIVE_INFINITY;
  private untold = 0;

  /** @throws as `listenForStreams` does */
  constructor(
    private readonly address: string,
    readonly access: SocketAccess,
  ) {
    const { socket, name } = listenForStreams(address, access);
    this.socket = socket;
    this.name = name;
    const { FdWatch } = native();
    try {
      this.watch = new FdWatch(socket.fd, () => this.acceptPeers());
      this.watch.arm(EPOLLIN);
    } catch (error) {
      socket.close();
      name?.remove();
      throw error;
    }
  }

  add(number: number, place: Place): void {
    this.places.set(number, place);
  }

  /** @returns whether no place is left, so that the socket no longer listens */
  remove(number: number): boolean {
    this.places.delete(number);
    if (this.places.size > 0) return false;
    clearTimeout(this.retry);
    this.watch.close();
    this.socket.close();
    this.name?.remove();
    return true;
  }

  private acceptPeers(): void {
    if (this.places.size === 0) return;
    try {
      for (let peer = this.socket.accept(); peer !== undefined; peer = this.socket.accept()) {
        this.receive(peer);
      }
      this.setProblem(undefined);
      this.watch.arm(EPOLLIN);
    } catch (error) {
      this.setProblem(explainBinding(this.address, error));
      this.retry = setTimeout(() => this.acceptPeers(), RETRY_MS);
    }
  }

  private receive(socket: NativeSocket): void {
    let peer: string;
    try {
      peer = this.identify(socket);
    } catch (error) {
      socket.close();
      this.refuse('unknown', (error as Error).message);
      return;
    }
    const why = this.refusalOf(socket);
    const numbers = [...this.places.keys()].sort((a, b) => a - b);
    const free = numbers
      .map((number) => this.places.get(number))
      .find((place) => place?.isFree() === true);
    if (why === undefined && free !== undefined) {
      free.give(socket, peer);
      return;
    }
    socket.close();
    this.refuse(peer, why ?? (numbers.length === 1 ? 'another is connected' : 'no place is free'));
  }

  private identify(socket: NativeSocket): string {
    if (!isPath(this.address)) return socket.peerAddress;
    const { pid, uid } = socket.peer();
    return `process ${pid} of user ${uid}`;
  }

  private refusalOf(socket: NativeSocket): string | undefined {
    if (!isPath(this.address) || this.access.allows(socket.peer())) return undefined;
    return 'its user may not use this socket';
  }

  private refuse(peer: string, why: string): void {
    const nowMs = performance.now();
    if (nowMs < this.lastReportMs + REPORT_MS) {
      this.untold++;
      return;
    }
    this.lastReportMs = nowMs;
    const [first] = this.places.values();
    first?.refused(peer, why, this.untold);
    this.untold = 0;
  }

  private setProblem(problem: string | undefined): void {
    if (problem === this.problem) return;
    this.problem = problem;
    for (const place of this.places.values()) place.changed();
  }
}
