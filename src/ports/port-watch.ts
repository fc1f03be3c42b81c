/**
 * Refreshes the ports: as soon as the kernel reports a change of an interface in one of their namespaces
 * (rtnetlink) or of the names of namespaces (inotify), twice a second while a port has something to try again,
 * and every 5 s for changes that the kernel does not report.
 */

import { type NativeLinkWatch, native } from '../native/native';
import { NetnsNames } from './netns-names';
import type { PortSet } from './port-set';

/** Least milliseconds between two refreshes. It bounds the cost of a guest that toggles its interface. */
const NEWS_INTERVAL_MS = 50;
/** Milliseconds between two attempts to reach a port that is gone or out of reach. */
const RETRY_INTERVAL_MS = 500;
/** Milliseconds from one refresh of all ports to the next. */
const LOOK_INTERVAL_MS = 5_000;
/**
 * Milliseconds from the release of the namespaces of moved devices to the refresh of all ports. The kernel frees a
 * socket a little later, and a namespace with its last socket. The refresh sees the result.
 */
const RELEASE_MS = 500;

export type WatchedPorts = Pick<
  PortSet,
  | 'refresh'
  | 'refreshChanged'
  | 'refreshTroubled'
  | 'releaseNetns'
  | 'isTroubled'
  | 'netnsPaths'
  | 'onTrouble'
>;

export class PortWatch {
  private readonly links: NativeLinkWatch;
  private readonly names = new NetnsNames(() => this.workBy(NEWS_INTERVAL_MS));
  private isRunning = false;
  private timer: NodeJS.Timeout | undefined;
  /** Time when `timer` fires, monotonic milliseconds. */
  private timerMs = Infinity;
  /** Times of the next release of namespaces and of the next refresh of all ports. */
  private releaseMs = Infinity;
  private lookMs = Infinity;
  private newsTimer: NodeJS.Timeout | undefined;
  private lastNewsMs = Number.NEGATIVE_INFINITY;

  /**
   * Starts to listen, so that no change of a port that is opened later is missed. No port is refreshed
   * before `start`.
   * @throws NativeError
   */
  constructor(private readonly ports: WatchedPorts) {
    const { LinkWatch } = native();
    this.links = new LinkWatch(() => this.news());
  }

  /** Refreshes the ports for the first time. */
  start(): void {
    this.isRunning = true;
    this.look();
    this.ports.onTrouble = () => this.workBy(RETRY_INTERVAL_MS);
  }

  close(): void {
    this.isRunning = false;
    this.ports.onTrouble = undefined;
    clearTimeout(this.timer);
    clearTimeout(this.newsTimer);
    this.names.close();
    this.links.close();
  }

  private news(): void {
    if (!this.isRunning || this.newsTimer !== undefined) return;
    const waitMs = this.lastNewsMs + NEWS_INTERVAL_MS - performance.now();
    if (waitMs <= 0) {
      this.refreshChanged();
      return;
    }
    this.newsTimer = setTimeout(() => {
      this.newsTimer = undefined;
      this.refreshChanged();
    }, waitMs);
  }

  private refreshChanged(): void {
    this.lastNewsMs = performance.now();
    this.ports.refreshChanged();
  }

  /** Refreshes all ports. */
  private look(): void {
    this.lookMs = performance.now() + LOOK_INTERVAL_MS;
    this.releaseMs = this.lookMs - RELEASE_MS;
    this.ports.refresh();
    this.plan();
  }

  /** Has `work` called when there is something to do next. */
  private plan(): void {
    const untilMs = Math.min(this.releaseMs, this.lookMs) - performance.now();
    this.workBy(this.mustRetry ? Math.min(untilMs, RETRY_INTERVAL_MS) : untilMs);
  }

  /** Has `work` called in so many milliseconds, or earlier if that is planned. */
  private workBy(waitMs: number): void {
    const dueMs = performance.now() + waitMs;
    if (!this.isRunning || this.timerMs <= dueMs) return;
    clearTimeout(this.timer);
    this.timerMs = dueMs;
    this.timer = setTimeout(() => this.work(), Math.max(0, Math.ceil(waitMs)));
  }

  /** Whether ports must be tried again: they have trouble, or may have trouble that nothing reports. */
  private get mustRetry(): boolean {
    return this.ports.isTroubled || !this.names.watch(this.ports.netnsPaths);
  }

  private work(): void {
    const nowMs = performance.now();
    this.timerMs = Infinity;
    if (nowMs >= this.lookMs) return this.look();
    this.ports.refreshTroubled();
    if (nowMs >= this.releaseMs) {
      this.releaseMs = Infinity;
      this.ports.releaseNetns();
    }
    this.plan();
  }
}
