/**
 * When the ports' devices are looked at: as soon as the kernel tells of a change of an interface in
 * a namespace of theirs (rtnetlink), often while there is something to try again, and seldom for
 * what nobody tells of.
 */

import { type NativeLinkWatch, native } from '../native/native';
import type { PortSet } from './port-set';

/** Milliseconds between two looks: a guest that sets its interface up and down costs no more. */
const NEWS_INTERVAL_MS = 50;
/** Milliseconds between two attempts at a port that is gone or out of reach. */
const RETRY_INTERVAL_MS = 500;
/** Attempts from one look at every port to the next: 5 s. */
const RETRIES_PER_LOOK = 10;

type Looks = Pick<PortSet, 'look' | 'lookAtNews' | 'lookAtTroubled' | 'releaseNetns'>;

export class PortWatch {
  private readonly links: NativeLinkWatch;
  private retryTimer: NodeJS.Timeout | undefined;
  private newsTimer: NodeJS.Timeout | undefined;
  private lastNewsMs = Number.NEGATIVE_INFINITY;
  private retries = 0;

  /**
   * Listens from now on, so that no change of a port that is opened afterwards is missed. Nothing is
   * looked at before `start`.
   * @throws NativeError
   */
  constructor(private readonly ports: Looks) {
    const { LinkWatch } = native();
    this.links = new LinkWatch(() => this.news());
  }

  /** Looks for the first time. */
  start(): void {
    this.retryTimer = setInterval(() => this.retry(), RETRY_INTERVAL_MS);
    this.ports.look();
  }

  close(): void {
    clearInterval(this.retryTimer);
    clearTimeout(this.newsTimer);
    this.retryTimer = undefined;
    this.links.close();
  }

  private news(): void {
    if (this.retryTimer === undefined || this.newsTimer !== undefined) return;
    const waitMs = this.lastNewsMs + NEWS_INTERVAL_MS - performance.now();
    if (waitMs <= 0) {
      this.lookAtNews();
      return;
    }
    this.newsTimer = setTimeout(() => {
      this.newsTimer = undefined;
      this.lookAtNews();
    }, waitMs);
  }

  private lookAtNews(): void {
    this.lastNewsMs = performance.now();
    this.ports.lookAtNews();
  }

  private retry(): void {
    this.retries = (this.retries + 1) % RETRIES_PER_LOOK;
    if (this.retries === 0) {
      this.ports.look();
      return;
    }
    this.ports.lookAtTroubled();
    // The kernel frees a socket, and with it the last reason for a namespace to be, a little later:
    // what is gone by then is seen by the look that comes next.
    if (this.retries === RETRIES_PER_LOOK - 1) this.ports.releaseNetns();
  }
}
