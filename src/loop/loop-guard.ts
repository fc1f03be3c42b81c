/**
 * Loop guard: it ends loops without a spanning tree.
 *
 * A loop shows in that stations seem to move from port to port, hundreds of times a second, or that frames of
 * the switch itself come back. Then, and only then, a probe leaves from the ports concerned: a network without a
 * loop never sees one. A probe that comes back proves the loop. The port that came up later is shut.
 *
 * After its time the port sends a probe, still shut. If that comes back, the time doubles. Otherwise the
 * port opens. A link that goes down and up opens it at once. With a spanning tree, loop guard rests.
 *
 * Limit: where nothing is learned (a hub, `learning=off`), only frames of the switch itself show a loop.
 */

import type { Outbox } from '../frame/outbox';
import type { PortControl } from '../frame/port-control';
import type { Room, RoomSink, Wants } from '../frame/room';
import { CONSUMED, PASS, type Verdict } from '../frame/verdict';
import { PROBE_BYTES, isProbe, probePort, writeProbe } from '../wire/loop-probe';
import type { MacWords } from '../wire/mac';
import { i32At } from '../wire/read';
import { LoopCounter } from './counters';
import type { LoopNews } from './news';

export interface LoopSettings {
  readonly loopGuard: boolean;
  /** Protocol of the spanning tree. */
  readonly stp: string;
}

export interface LoopGuardOptions {
  readonly mac: MacWords;
  readonly ports: PortControl;
  readonly counters: RoomSink;
  readonly news: (news: LoopNews) => void;
  /** Random number that makes probes of this switch unlike those of another one with its MAC. */
  readonly seed: number;
}

/** A port that is shut. */
interface Shut {
  /** Other end of the loop. */
  readonly from: number;
  /** Time for which the port was shut at last. */
  forMs: number;
  /** Time of the next probe, or, while `isAsking`, of the end of waiting for it. */
  dueMs: number;
  isAsking: boolean;
}

/** Signs within a window after which ports are probed: a station that roams gives one or two. */
const SIGNS_MIN = 16;
const WINDOW_MS = 250;
/** 5 s: long enough for an operator who has just made the loop to see it, short enough not to be missed. */
const FIRST_SHUT_MS = 5_000;
const LONGEST_SHUT_MS = 320_000;
/** Time within which a probe comes back if at all. */
const ANSWER_MS = 500;
/** Time without a loop after which the next one counts as the first. */
const FORGET_MS = 60_000;
const NOTHING: Wants = {};

export class LoopGuard implements Room {
  readonly wants = NOTHING;
  private isOn = false;
  private settings: LoopSettings = { loopGuard: false, stp: 'off' };
  private signs = 0;
  private windowEndMs = 0;
  /** Ports that signs concern. */
  private readonly suspects = new Set<number>();
  /** Ports that are up, in the order in which they came up. */
  private readonly up = new Set<number>();
  private readonly shut = new Map<number, Shut>();
  /** Port → time for which it was shut, and when it was opened. */
  private readonly past = new Map<number, { readonly forMs: number; readonly openedMs: number }>();

  constructor(private readonly options: LoopGuardOptions) {}

  /** Takes settings. What is left out stays as it is. */
  configure(given: Partial<LoopSettings>): void {
    const { loopGuard, stp } = { ...this.settings, ...given };
    this.settings = { loopGuard, stp };
    this.isOn = loopGuard && stp === 'off';
    if (this.isOn) return;
    // A spanning tree sets the states of all ports itself.
    if (stp === 'off') for (const port of this.shut.keys()) this.open(port);
    this.shut.clear();
    this.past.clear();
    this.suspects.clear();
  }

  // Signs ---------------------------------------------------------------------------------------

  /** A station seems to have moved. */
  noteMove(from: number, to: number): void {
    if (!this.isOn) return;
    this.signs++;
    if (this.signs > SIGNS_MIN) return;
    this.suspects.add(from);
    this.suspects.add(to);
  }

  /**
   * Takes a frame whose source is the switch's own MAC, whatever the state of its port.
   * @returns `CONSUMED` for a probe, which tells of a loop
   */
  receive(frame: number, outbox: Outbox): Verdict {
    if (!this.isOn) return PASS;
    const { burst } = outbox;
    const at = i32At(burst.offset, frame);
    const ingress = i32At(burst.ingress, frame);
    const lengthBytes = i32At(burst.length, frame);
    if (!isProbe(burst.u8, burst.u16, at, lengthBytes, this.options.seed)) {
      this.signs++;
      for (const port of this.up) this.suspects.add(port);
      return PASS;
    }
    this.options.counters.count(LoopCounter.Returned, ingress);
    this.found(probePort(burst.u8, at), ingress, burst.nowMs);
    return CONSUMED;
  }

  private found(from: number, to: number, nowMs: number): void {
    const known = this.shut.get(from) ?? this.shut.get(to);
    if (known !== undefined) {
      if (!known.isAsking) return;
      known.isAsking = false;
      known.forMs = Math.min(2 * known.forMs, LONGEST_SHUT_MS);
      known.dueMs = nowMs + known.forMs;
      return;
    }
    if (!this.up.has(from) || !this.up.has(to)) return;
    const order = [...this.up];
    const isToLater = order.indexOf(to) > order.indexOf(from);
    const [port, other] = isToLater ? [to, from] : [from, to];
    const past = this.past.get(port);
    const isRecent = past !== undefined && nowMs - past.openedMs < FORGET_MS;
    const forMs = isRecent ? Math.min(2 * past.forMs, LONGEST_SHUT_MS) : FIRST_SHUT_MS;
    this.shut.set(port, { from: other, forMs, dueMs: nowMs + forMs, isAsking: false });
    this.options.ports.setState(port, 'disabled');
    this.options.news({ event: 'loop-found', port, from: other, seconds: forMs / 1_000 });
  }

  // Time and ports ------------------------------------------------------------------------------

  get dueMs(): number {
    let dueMs = Infinity;
    for (const shut of this.shut.values()) dueMs = Math.min(dueMs, shut.dueMs);
    return dueMs;
  }

  tick(nowMs: number, outbox: Outbox): void {
    if (!this.isOn) return;
    if (this.signs >= SIGNS_MIN) {
      for (const port of this.suspects) if (!this.shut.has(port)) this.probe(port, outbox);
      this.windowEndMs = nowMs;
    }
    if (nowMs >= this.windowEndMs) {
      this.signs = 0;
      this.suspects.clear();
      this.windowEndMs = nowMs + WINDOW_MS;
    }
    for (const [port, shut] of this.shut) if (nowMs >= shut.dueMs) this.ask(port, shut, outbox);
  }

  /** Asks whether the loop is still there, or opens the port where nothing came back. */
  private ask(port: number, shut: Shut, outbox: Outbox): void {
    const { nowMs } = outbox.burst;
    if (!shut.isAsking) {
      shut.isAsking = true;
      shut.dueMs = nowMs + ANSWER_MS;
      this.probe(port, outbox);
      return;
    }
    this.shut.delete(port);
    this.past.set(port, { forMs: shut.forMs, openedMs: nowMs });
    this.open(port);
  }

  private open(port: number): void {
    this.options.ports.setState(port, 'forwarding');
    this.options.news({ event: 'loop-over', port });
  }

  private probe(port: number, outbox: Outbox): void {
    const { mac, seed, counters } = this.options;
    const frame = outbox.make(PROBE_BYTES);
    const { u8, u16, offset } = outbox.burst;
    writeProbe(u8, u16, i32At(offset, frame), mac.hi16, mac.lo32, seed, port);
    outbox.toLink(frame, port);
    counters.count(LoopCounter.Sent, port);
  }

  portChanged(port: number, isUp: boolean): void {
    if (isUp === this.up.has(port)) return;
    if (isUp) this.up.add(port);
    else this.up.delete(port);
    if (!isUp && this.shut.delete(port)) this.open(port);
  }

  portRemoved(port: number): void {
    this.up.delete(port);
    this.shut.delete(port);
    this.past.delete(port);
    this.suspects.delete(port);
  }
}
