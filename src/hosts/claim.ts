/**
 * How the switch comes to hold one of its own addresses, and how it keeps it: the timers and
 * states that address conflict detection (ARP) and duplicate address detection (ND) share. It
 * sends nothing: the protocol room asks what is due, and tells it of conflicts.
 *
 *              probes heard by nobody                     announcements
 *   probing ───────────────────────────────▶ claimed ─────────────────────▶ (rest)
 *      │  ▲                                    │  ▲
 *      │  │ a minute later                     └──┘ conflict: defend, at most once in ten seconds
 *      ▼  │
 *   conflict (the address is not used)
 *
 * Source: RFC 5227 2.1 (probe), 2.3 (announce), 2.4(c) (defend, keep the address); RFC 4862 5.4.
 *
 * Departure: RFC 5227 spreads its probes over seconds, with chance, because a thousand stations may
 * be powered up at once on a slow wire. Here all links are memory, a reply takes microseconds, and
 * there is one switch; 100 ms between probes is generous, and a lab that starts need not wait.
 */

/** Milliseconds and counts; the names are those of RFC 5227 1.1. */
export interface ClaimTimes {
  readonly probeCount: number;
  /** From one probe to the next, and from the last to the claim. */
  readonly probeIntervalMs: number;
  readonly announceCount: number;
  readonly announceIntervalMs: number;
  /** At most one defence in this time. */
  readonly defendIntervalMs: number;
  /** From a lost claim to the next attempt. */
  readonly retryIntervalMs: number;
}

export const CLAIM_TIMES: ClaimTimes = {
  probeCount: 3,
  probeIntervalMs: 100,
  announceCount: 2,
  announceIntervalMs: 2_000,
  defendIntervalMs: 10_000,
  retryIntervalMs: 60_000,
};

export type ClaimState = 'probing' | 'claimed' | 'conflict';

/** What the room is to send now. `claim` is the first announcement: the address is ours. */
export type ClaimStep = 'none' | 'probe' | 'claim' | 'announce';

/**
 * What a conflict leads to. `defended`: the switch keeps the address and announces it again.
 * `lost`: it had not claimed it yet and lets it be. `ignored`: all is said for the moment.
 */
export type ConflictOutcome = 'defended' | 'lost' | 'ignored';

export class Claim {
  private currentState: ClaimState = 'probing';
  /** Probes or announcements sent in the present state. */
  private sentCount = 0;
  private defendedMs = -Infinity;

  /** @param dueMs when `step` has something to do next; `Infinity` once all is said */
  constructor(
    public dueMs: number,
    private readonly times: ClaimTimes,
  ) {}

  get state(): ClaimState {
    return this.currentState;
  }

  /**
   * Moves on, if it is time. A late call delays what follows instead of catching up, so that every
   * probe is given its time to be answered.
   */
  step(nowMs: number): ClaimStep {
    if (nowMs < this.dueMs) return 'none';
    switch (this.currentState) {
      case 'conflict':
        this.enter('probing');
        return this.probe(nowMs);
      case 'probing':
        if (this.sentCount < this.times.probeCount) return this.probe(nowMs);
        this.enter('claimed');
        this.announce(nowMs);
        return 'claim';
      case 'claimed':
        this.announce(nowMs);
        return 'announce';
    }
  }

  /** Another station uses the address, or probes for it at the same time. */
  conflict(nowMs: number): ConflictOutcome {
    switch (this.currentState) {
      case 'conflict':
        return 'ignored';
      case 'probing':
        this.enter('conflict');
        this.dueMs = nowMs + this.times.retryIntervalMs;
        return 'lost';
      case 'claimed':
        if (nowMs - this.defendedMs < this.times.defendIntervalMs) return 'ignored';
        this.defendedMs = nowMs;
        return 'defended';
    }
  }

  private enter(state: ClaimState): void {
    this.currentState = state;
    this.sentCount = 0;
  }

  private probe(nowMs: number): ClaimStep {
    this.sentCount++;
    this.dueMs = nowMs + this.times.probeIntervalMs;
    return 'probe';
  }

  private announce(nowMs: number): void {
    this.sentCount++;
    const isLast = this.sentCount >= this.times.announceCount;
    this.dueMs = isLast ? Infinity : nowMs + this.times.announceIntervalMs;
  }
}
