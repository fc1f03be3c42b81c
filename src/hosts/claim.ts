/**
 * The claim of one own address: how the switch gets and keeps it. It has the timers and states that address
 * conflict detection (ARP) and duplicate address detection (ND) share. It sends nothing: the protocol room
 * asks it for the next step, and reports conflicts to it.
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
 * Departure: RFC 5227 spreads its probes over seconds, at random, because a thousand stations may be powered
 * up at once on a slow wire. Here all links are memory, a reply takes microseconds, and there is one switch.
 * 100 ms between probes is plenty, and a lab starts without a delay.
 */

/** Milliseconds and counts; the names are those of RFC 5227 1.1. */
export interface ClaimTimes {
  readonly probeCount: number;
  /** Interval from one probe to the next, and from the last probe to the claim. */
  readonly probeIntervalMs: number;
  readonly announceCount: number;
  readonly announceIntervalMs: number;
  /** Least interval between two defences. */
  readonly defendIntervalMs: number;
  /** Time from a lost claim to the next attempt. */
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

/** Frame that the room must send now. `claim` is the first announcement: the switch has the address now. */
export type ClaimStep = 'none' | 'probe' | 'claim' | 'announce';

/**
 * Outcome of a conflict. `defended`: the switch keeps the address and announces it again. `lost`: the switch
 * had not claimed the address yet and does not use it. `ignored`: the address is lost already, or the last
 * defence was too recent.
 */
export type ConflictOutcome = 'defended' | 'lost' | 'ignored';

export class Claim {
  private currentState: ClaimState = 'probing';
  /** Number of probes or announcements sent in the present state. */
  private sentCount = 0;
  private defendedMs = -Infinity;

  /** @param dueMs time of the next step; `Infinity` when all announcements are sent */
  constructor(
    public dueMs: number,
    private readonly times: ClaimTimes,
  ) {}

  get state(): ClaimState {
    return this.currentState;
  }

  /**
   * Takes the next step, if it is due. A late call delays the steps that follow, so that every probe has its
   * full time to be answered.
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

  /** Notes that another station uses the address, or probes for it at the same time. */
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
