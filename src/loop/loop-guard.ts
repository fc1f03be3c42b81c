/**
 * Loop guard: it ends loops without a spanning tree.
 *
 * A loop shows in one of three signs. Stations seem to move from port to port, hundreds of times a second. Frames
 * of the switch itself come back. Or a port receives frames at the rate of a loop, and a station moved there to and
 * fro lately, or none is known there: a hub learns nothing, and static stations do not move. A port with enough
 * signs sends a probe. A network without a
 * loop never sees one, nor does an edge where a host alone is seen. A probe that comes back proves the loop. The
 * port that came up later is shut.
 *
 * After its time the port sends a probe, still shut. If that comes back, the time doubles. Otherwise the
 * port opens. A link that goes down and up opens it at once. With a spanning tree, loop guard rests.
 *
 * Each probe has a random number, and counts for the port that it left from. So a host can have a port shut only if
 * it gets the probe of that port: it must be behind that port.
 */

import { payloadBytesOf, payloadOf } from '../frame/burst';
import type { Outbox } from '../frame/outbox';
import type { PortControl } from '../frame/port-control';
import type { Room, RoomSink, Wants } from '../frame/room';
import { CONSUMED, PASS, type Verdict } from '../frame/verdict';
import {
  PROBE_BYTES,
  type ProbeNumber,
  hasNumber,
  isProbe,
  probePort,
  writeProbe,
} from '../wire/loop-probe';
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
  readonly traffic: Traffic;
  /** Highest port id, plus one. */
  readonly maxPorts: number;
  /** Random 32-bit numbers that the hosts cannot foretell. */
  readonly random: () => number;
}

/** What the ports have received. */
export interface Traffic {
  /** Frames that the port has received. */
  frames(port: number): number;
  /** Whether a station is known behind the port, learned or placed. */
  hasStation(port: number): boolean;
}

/** A probe that may come back. */
interface Probe {
  readonly number: ProbeNumber;
  /** Time at which the number was drawn. */
  readonly drawnMs: number;
  readonly vlan: number;
  readonly untilMs: number;
}

/** A port that is shut. */
interface Shut {
  /** Other end of the loop. */
  readonly from: number;
  /** VLAN of the loop. */
  readonly vlan: number;
  /** Time for which the port was shut at last. */
  forMs: number;
  /** Time of the next probe, or, while `isAsking`, of the end of waiting for it. */
  dueMs: number;
  isAsking: boolean;
}

/**
 * Signs of a port within a window after which it is probed: a station that roams gives one or two. A loop that a
 * storm limit has tamed still gives that many.
 */
const SIGNS_MIN = 16;
const WINDOW_MS = 1_000;
/** Time between two readings of the number of received frames. */
const LOOK_MS = 250;
/** Frames between two readings that may be those of a loop, if a station moved to and fro recently. */
const SUSPECT_FRAMES_MIN = 50;
/** Frames between two readings that may be those of a loop, if no station is known. */
const NOBODYS_FRAMES_MIN = 250;
/** Signs of a port for which it is suspected: a station that roams once gives one. */
const FEW_SIGNS_MIN = 3;
/** Time for which a few signs count. */
const SUSPECT_MS = 30_000;
/** 5 s: long enough for an operator who has just made the loop to see it, short enough not to be missed. */
const FIRST_SHUT_MS = 5_000;
const LONGEST_SHUT_MS = 320_000;
/** Time within which a probe comes back if at all. */
const ANSWER_MS = 500;
/** Time for which all probes of a port have one number, so that the next probe does not void the one before. */
const NUMBER_MS = 1_000;
/** Time without a loop after which the next one counts as the first. */
const FORGET_MS = 60_000;
const NOTHING: Wants = {};

export class LoopGuard implements Room {
  readonly wants = NOTHING;
  private isOn = false;
  private settings: LoopSettings = { loopGuard: false, stp: 'off' };
  private windowEndMs = 0;
  private nextLookMs = 0;
  /** Whether a port has had enough signs. */
  private isAlarmed = false;
  /** Port → its signs in the window. */
  private readonly signs: Int32Array;
  /** Port → VLAN of its last sign. */
  private readonly signVlan: Int32Array;
  /** Port → its signs in the time for which a few of them count. */
  private readonly fewSigns: Int32Array;
  private fewEndMs = 0;
  /** Port → frames that it had received at the last reading. */
  private readonly frames = new Map<number, number>();
  /** Port → its last probe. */
  private readonly probes = new Map<number, Probe>();
  /** Ports that are up, in the order in which they came up. */
  private readonly up = new Set<number>();
  private readonly shut = new Map<number, Shut>();
  /** Port → time for which it was shut, and when it was opened. */
  private readonly past = new Map<number, { readonly forMs: number; readonly openedMs: number }>();

  constructor(private readonly options: LoopGuardOptions) {
    this.signs = new Int32Array(options.maxPorts);
    this.signVlan = new Int32Array(options.maxPorts);
    this.fewSigns = new Int32Array(options.maxPorts);
  }

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
    this.probes.clear();
    this.beginWindow();
  }

  // Signs ---------------------------------------------------------------------------------------

  /** A station of a VLAN seems to have moved. */
  noteMove(from: number, to: number, vlan: number): void {
    if (!this.isOn) return;
    this.noteSign(from, vlan);
    this.noteSign(to, vlan);
  }

  private noteSign(port: number, vlan: number): void {
    const count = i32At(this.signs, port) + 1;
    this.signs[port] = count;
    this.signVlan[port] = vlan;
    this.fewSigns[port] = i32At(this.fewSigns, port) + 1;
    if (count === SIGNS_MIN) this.isAlarmed = true;
  }

  /**
   * Takes a frame whose source is the switch's own MAC, whatever the state of its port.
   * @param isProof whether a probe proves a loop; without that, it is a sign like any such frame
   * @returns `CONSUMED` for a probe, which tells of a loop
   */
  receive(frame: number, outbox: Outbox, isProof = true): Verdict {
    if (!this.isOn) return PASS;
    const { burst } = outbox;
    const { u8, u16, nowMs } = burst;
    const ingress = i32At(burst.ingress, frame);
    const payload = payloadOf(burst, frame);
    if (isProof && isProbe(u8, u16, payload, payloadBytesOf(burst, frame))) {
      const from = probePort(u8, payload);
      const probe = this.probes.get(from);
      if (probe !== undefined && hasNumber(u8, payload, probe.number) && nowMs <= probe.untilMs) {
        this.options.counters.count(LoopCounter.Returned, ingress);
        this.found(from, ingress, probe.vlan, nowMs);
        return CONSUMED;
      }
    }
    this.noteSign(ingress, i32At(burst.vlan, frame));
    return PASS;
  }

  private found(from: number, to: number, vlan: number, nowMs: number): void {
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
    this.shut.set(port, { from: other, vlan, forMs, dueMs: nowMs + forMs, isAsking: false });
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
    if (this.isAlarmed) this.probeSuspects(nowMs, outbox);
    if (nowMs >= this.nextLookMs) this.lookAtTraffic(nowMs, outbox);
    if (nowMs >= this.windowEndMs) {
      this.beginWindow();
      this.windowEndMs = nowMs + WINDOW_MS;
    }
    for (const [port, shut] of this.shut) if (nowMs >= shut.dueMs) this.ask(port, shut, outbox);
  }

  private beginWindow(): void {
    this.isAlarmed = false;
    this.signs.fill(0);
  }

  /** Probes the ports with enough signs, again and again while there are: a loop loses frames. */
  private probeSuspects(nowMs: number, outbox: Outbox): void {
    for (const port of this.up) {
      if (i32At(this.signs, port) < SIGNS_MIN || this.shut.has(port)) continue;
      this.probe(port, i32At(this.signVlan, port), nowMs, outbox);
    }
  }

  /**
   * Probes the ports that received as many frames as in a loop. A frame that goes round in one direction alone moves
   * its source once, and not again.
   */
  private lookAtTraffic(nowMs: number, outbox: Outbox): void {
    this.nextLookMs = nowMs + LOOK_MS;
    const { traffic } = this.options;
    for (const port of this.up) {
      const frames = traffic.frames(port);
      const more = frames - (this.frames.get(port) ?? frames);
      this.frames.set(port, frames);
      if (more < SUSPECT_FRAMES_MIN || this.shut.has(port)) continue;
      const isSuspect = i32At(this.fewSigns, port) >= FEW_SIGNS_MIN;
      const isNobodys = more >= NOBODYS_FRAMES_MIN && !traffic.hasStation(port);
      if (isSuspect || isNobodys) this.probe(port, i32At(this.signVlan, port), nowMs, outbox);
    }
    if (nowMs < this.fewEndMs) return;
    this.fewEndMs = nowMs + SUSPECT_MS;
    this.fewSigns.fill(0);
  }

  /** Asks whether the loop is still there, or opens the port where nothing came back. */
  private ask(port: number, shut: Shut, outbox: Outbox): void {
    const { nowMs } = outbox.burst;
    if (!shut.isAsking) {
      shut.isAsking = true;
      shut.dueMs = nowMs + ANSWER_MS;
      this.probe(port, shut.vlan, nowMs, outbox);
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

  private probe(port: number, vlan: number, nowMs: number, outbox: Outbox): void {
    const { mac, random, counters } = this.options;
    const last = this.probes.get(port);
    const isFresh = last !== undefined && nowMs - last.drawnMs < NUMBER_MS;
    const { number, drawnMs } = isFresh
      ? last
      : { number: { high: random(), low: random() }, drawnMs: nowMs };
    this.probes.set(port, { number, drawnMs, vlan, untilMs: nowMs + ANSWER_MS });
    const frame = outbox.make(PROBE_BYTES);
    if (frame < 0) return;
    const { u8, u16, offset } = outbox.burst;
    writeProbe(u8, u16, i32At(offset, frame), mac.hi16, mac.lo32, number, port);
    outbox.toLink(frame, port, vlan);
    counters.count(LoopCounter.Sent, port);
  }

  portChanged(port: number, isUp: boolean): void {
    if (isUp === this.up.has(port)) return;
    if (isUp) {
      this.up.add(port);
      this.frames.set(port, this.options.traffic.frames(port));
    } else {
      this.up.delete(port);
      // Another host may come up there next.
      this.probes.delete(port);
    }
    if (!isUp && this.shut.delete(port)) this.open(port);
  }

  portRemoved(port: number): void {
    this.up.delete(port);
    this.shut.delete(port);
    this.past.delete(port);
    this.probes.delete(port);
    this.frames.delete(port);
    for (const column of [this.signs, this.fewSigns, this.signVlan]) column[port] = 0;
  }
}
