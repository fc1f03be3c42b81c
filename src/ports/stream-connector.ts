/** A port's attempts to connect to its peer, one after the other. */

import { isPath, parseSocketAddress } from '../config/values/socket-address';
import { type NativeFdWatch, type NativeSocket, native } from '../native/native';
import { RetryPause } from './retry-pause';
import { explainConnecting } from './socket-failure';

const EPOLLOUT = 4;
/** Milliseconds that a peer has to answer. */
const ANSWER_MS = 5_000;
/** Milliseconds between two attempts at most. */
const LONGEST_PAUSE_MS = 4_000;
/** Milliseconds for which a connection must last to count as a success. */
const LASTING_MS = 5_000;

interface Attempt {
  readonly socket: NativeSocket;
  readonly watch: NativeFdWatch;
  readonly beganMs: number;
}

export class StreamConnector {
  /** Why the last attempt failed. */
  problem: string | undefined;
  private attempt: Attempt | undefined;
  private readonly pause = new RetryPause(LONGEST_PAUSE_MS);
  private connectedMs = Number.NEGATIVE_INFINITY;

  /**
   * @param address text that has passed `socketAddress`
   * @param connected called when an attempt has come to its end later; `take` has the outcome
   */
  constructor(
    private readonly address: string,
    private readonly connected: (socket: NativeSocket) => void,
    private readonly failed: () => void,
  ) {}

  /** Begins an attempt, if it is time for one. @returns the socket where it is connected at once */
  connect(): NativeSocket | undefined {
    const nowMs = performance.now();
    if (this.attempt !== undefined) {
      if (nowMs < this.attempt.beganMs + ANSWER_MS) return undefined;
      this.fail(new Error(`does not answer for ${ANSWER_MS / 1000} s`));
      return undefined;
    }
    if (!this.pause.isOver(nowMs)) return undefined;
    const { Socket } = native();
    const place = parseSocketAddress(this.address);
    let socket: NativeSocket | undefined;
    try {
      socket = new Socket('stream', place);
      if (socket.connect(place)) {
        this.succeed();
        return socket;
      }
      this.wait(socket, nowMs);
    } catch (error) {
      socket?.close();
      this.fail(error);
    }
    return undefined;
  }

  /** Takes note that the connection has ended: one that was short is not begun again at once. */
  ended(): void {
    const nowMs = performance.now();
    if (nowMs < this.connectedMs + LASTING_MS) this.pause.begin(nowMs);
    else this.pause.shorten();
  }

  close(): void {
    this.attempt?.watch.close();
    this.attempt?.socket.close();
    this.attempt = undefined;
  }

  private wait(socket: NativeSocket, beganMs: number): void {
    const { FdWatch } = native();
    const watch = new FdWatch(socket.fd, () => this.decide());
    this.attempt = { socket, watch, beganMs };
    watch.arm(EPOLLOUT);
  }

  private decide(): void {
    const { attempt } = this;
    if (attempt === undefined) return;
    const error = attempt.socket.takeError();
    if (error !== undefined) {
      this.fail(error);
      this.failed();
      return;
    }
    attempt.watch.close();
    this.attempt = undefined;
    this.succeed();
    this.connected(attempt.socket);
  }

  private succeed(): void {
    this.problem = undefined;
    this.connectedMs = performance.now();
  }

  private fail(error: unknown): void {
    this.close();
    this.problem = explainConnecting(error);
    // A path costs nothing to try. A host may be far away.
    if (isPath(this.address)) this.pause.shorten();
    this.pause.begin(performance.now());
  }
}
