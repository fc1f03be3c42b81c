/**
 * The known hosts of one family: the station and the port of each IP address, and whether the binding is
 * reliable. ARP and ND each have one such table.
 *
 * A binding is reliable after the host itself was heard to use the address. The switch verifies it before
 * half of its lifetime is over, and removes it if the host does not answer. When another station uses the
 * address, the switch asks the former one whether it still does. A host that migrated does not answer, but a
 * duplicate does. Until this is clear, the switch answers for neither.
 *
 *              heard                    silent after 3 polls
 *    fresh ◀──────────── verifying ──────────────────────────▶ (gone)
 *      │ ▲ ▲  time for a poll ▲
 *      │ │ └──────────────────┘
 *      │ │ the former station keeps silent
 *      ▼ │                                            a minute without a claim by another
 *   contested ─────────────────────────────▶ conflict ───────────────────────────────▶ (gone)
 *               the former station answers
 *
 * Bindings without polls (`polls` off) live for `lifeMs` after the host was last heard.
 *
 * Source: RFC 1122 2.3.2.1 (unicast poll), RFC 4861 7.3 (the same for IPv6), RFC 5227 2.4.
 */

import { f64At, i32At, u16At, u8At } from '../wire/read';
import { formatIpKey, isSameIpKey, newIpKey } from '../wire/ip-key';
import type { IpKey } from '../wire/ip-key';
import { formatMac } from '../wire/mac';
import { NO_VLAN, inVlan } from '../wire/vlan';
import type { Outbox } from '../frame/outbox';
import { BindingTable, NO_ENTRY } from './binding-table';
import { Miss } from './miss';
import type { TableSize } from './binding-table';
import type { Doubt, NeighbourDoubted } from './news';
import { TokenBuckets } from './token-buckets';

export interface NeighbourOptions extends Partial<TableSize> {
  /** Lifetime of a binding after its host was heard, milliseconds. */
  readonly lifeMs?: number;
}

const DEFAULT_LIFE_MS = 60_000;

/** Share of its lifetime after which a binding is verified. With three polls, it takes 25.5 s of 60 s. */
const VERIFY_AFTER = 0.4;
const POLL_COUNT = 3;
const POLL_INTERVAL_MS = 500;
/** Time for which a conflict is remembered after its last sign. */
const CONFLICT_HOLD_MS = 60_000;

/** Least interval between two sweeps of the table, and the maximum number of polls of one sweep. */
const SWEEP_INTERVAL_MS = 100;
const POLLS_PER_SWEEP = 128;

const NEWS_PER_SECOND = 10;
const NEWS_AT_ONCE = 20;

const Life = {
  Fresh: 0,
  Verifying: 1,
  Contested: 2,
  Conflict: 3,
  Static: 4,
} as const;
type Life = (typeof Life)[keyof typeof Life];

/** Names of the states: those of `ip neigh`, and two that it does not have. */
const STATE_NAMES = ['reachable', 'probe', 'contested', 'conflict', 'permanent'] as const;
export type NeighbourState = (typeof STATE_NAMES)[number];

/** Whether the host is a router, which an answer in its name must say (RFC 4861 4.4). */
export const RouterFlag = { Unknown: 0, Host: 1, Router: 2 } as const;
export type RouterFlag = (typeof RouterFlag)[keyof typeof RouterFlag];

/** Receiver of doubts. */
export interface NeighbourSink {
  /** Counts a frame that casts doubt on a binding. */
  count(doubt: Doubt, port: number): void;
  /** Reports a doubt: once for each binding and kind of doubt, at a bounded rate. */
  tell(news: NeighbourDoubted): void;
}

export interface Neighbour {
  readonly address: string;
  readonly mac: string;
  readonly vlan: number;
  /** Port id; `ANY_PORT` for a static binding without a port. */
  readonly port: number;
  readonly state: NeighbourState;
  /** Absent while unknown. It is always absent in IPv4. */
  readonly isRouter?: boolean;
  /** Milliseconds since the host was heard; Infinity for never. */
  readonly heardAgoMs: number;
}

/**
 * Asks the station (`hi16`, `lo32`) behind `port`, by unicast, for the address `key`.
 * @returns whether it could be asked
 */
export type Poll = (
  key: IpKey,
  vlan: number,
  hi16: number,
  lo32: number,
  port: number,
  nowMs: number,
  outbox: Outbox,
) => boolean;

export class Neighbours {
  private readonly table: BindingTable;
  private readonly life: Uint8Array;
  /** Polls sent in the present state. */
  private readonly pollCount: Uint8Array;
  private readonly router: Uint8Array;
  /** MAC that had a contested address before. */
  private readonly formerHi16: Uint16Array;
  private readonly formerLo32: Int32Array;
  private readonly formerPort: Int32Array;
  private lifeMs: number;
  private polls = true;
  private readonly newsRate = new TokenBuckets(1, NEWS_PER_SECOND, NEWS_AT_ONCE);
  private readonly key = newIpKey();
  private firstDueMs = Infinity;
  private sweptMs = -Infinity;
  private pollsLeft = 0;

  constructor(
    options: NeighbourOptions,
    private readonly poll: Poll,
    private readonly sink: NeighbourSink,
  ) {
    this.lifeMs = options.lifeMs ?? DEFAULT_LIFE_MS;
    this.table = new BindingTable(options);
    const { capacity } = this.table;
    this.life = new Uint8Array(capacity);
    this.pollCount = new Uint8Array(capacity);
    this.router = new Uint8Array(capacity);
    this.formerHi16 = new Uint16Array(capacity);
    this.formerLo32 = new Int32Array(capacity);
    this.formerPort = new Int32Array(capacity);
  }

  /**
   * Sets the lifetime of a binding after its host was heard, and whether hosts are polled. A switch that
   * answers for no host needs no polls. Both apply to existing bindings too.
   */
  setRules(lifeMs: number | undefined, polls: boolean): void {
    this.lifeMs = lifeMs ?? this.lifeMs;
    this.polls = polls;
    this.table.forEach((entry) => {
      if (this.isSettled(entry)) this.settle(entry, f64At(this.table.heardMs, entry));
    });
  }

  // Observations ----------------------------------------------------------------------------------

  /** Notes that the station itself, behind `port`, was heard to use the address. */
  observe(key: IpKey, vlan: number, hi16: number, lo32: number, port: number, nowMs: number): void {
    const entry = this.find(key, vlan);
    if (entry === NO_ENTRY) {
      this.learn(key, vlan, hi16, lo32, port, nowMs);
    } else if (this.holds(entry, hi16, lo32)) {
      this.table.touch(entry, port, nowMs);
      if (this.isSettled(entry)) this.settle(entry, nowMs);
    } else {
      this.observeOther(entry, hi16, lo32, port, nowMs);
    }
  }

  /** Notes that another station than that of the entry uses the address. */
  private observeOther(
    entry: number,
    hi16: number,
    lo32: number,
    port: number,
    nowMs: number,
  ): void {
    const { table } = this;
    const life = this.life[entry] as Life;
    if (life === Life.Static) {
      this.doubt('contradicted', true, entry, hi16, lo32, port, nowMs);
      return;
    }
    const isConflict =
      life === Life.Conflict || (life === Life.Contested && this.wasHeldBy(entry, hi16, lo32));
    if (isConflict) this.doubt('conflict', life !== Life.Conflict, entry, hi16, lo32, port, nowMs);
    else this.doubt('changed', this.isSettled(entry), entry, hi16, lo32, port, nowMs);
    this.formerHi16[entry] = u16At(table.hi16, entry);
    this.formerLo32[entry] = i32At(table.lo32, entry);
    this.formerPort[entry] = i32At(table.port, entry);
    table.hi16[entry] = hi16;
    table.lo32[entry] = lo32;
    table.touch(entry, port, nowMs);
    this.router[entry] = RouterFlag.Unknown;
    if (isConflict) this.enter(entry, Life.Conflict, nowMs + CONFLICT_HOLD_MS);
    else this.enter(entry, Life.Contested, nowMs);
  }

  /**
   * Notes that a station probes for the address: its former owner after a restart, or a new one. Until a
   * station is heard to use the address, the switch neither answers for it nor polls it, because the prober
   * would take a poll for a conflict.
   */
  probed(key: IpKey, vlan: number): void {
    const entry = this.find(key, vlan);
    if (entry !== NO_ENTRY && this.isSettled(entry)) this.table.remove(entry);
  }

  /** Notes whether a host is a router, by its own message. It does nothing for an unbound address. */
  setRouter(key: IpKey, vlan: number, flag: RouterFlag): void {
    const entry = this.find(key, vlan);
    if (entry !== NO_ENTRY) this.router[entry] = flag;
  }

  /** Polls a host soon if it is unknown whether it is a router: its answer tells. */
  askIfRouterUnknown(key: IpKey, vlan: number, nowMs: number): void {
    const entry = this.find(key, vlan);
    if (entry === NO_ENTRY || !this.polls || this.life[entry] !== Life.Fresh) return;
    if (this.router[entry] === RouterFlag.Unknown) this.enter(entry, Life.Fresh, nowMs);
  }

  // Look-ups --------------------------------------------------------------------------------------

  /** Reliable entry of an address, or a `Miss`. It is valid until the next call. */
  findReliable(key: IpKey, vlan: number, nowMs: number): number {
    const entry = this.find(key, vlan);
    if (entry === NO_ENTRY) return Miss.Unknown;
    const life = this.life[entry];
    if (life === Life.Static) return entry;
    if (life === Life.Contested) return Miss.Contested;
    if (life === Life.Conflict) return Miss.Conflict;
    const isAlive = nowMs - f64At(this.table.heardMs, entry) < this.lifeMs;
    return isAlive ? entry : Miss.Stale;
  }

  /** Whether (address, MAC) is bound, in any state of the binding. */
  isBound(key: IpKey, vlan: number, hi16: number, lo32: number): boolean {
    const entry = this.find(key, vlan);
    return entry !== NO_ENTRY && this.holds(entry, hi16, lo32);
  }

  /** The static entry of an address, or `NO_ENTRY`. */
  findStatic(key: IpKey, vlan: number): number {
    const entry = this.find(key, vlan);
    return entry !== NO_ENTRY && this.life[entry] === Life.Static ? entry : NO_ENTRY;
  }

  hi16Of(entry: number): number {
    return u16At(this.table.hi16, entry);
  }

  lo32Of(entry: number): number {
    return i32At(this.table.lo32, entry);
  }

  /** Port id, or `ANY_PORT`. */
  portOf(entry: number): number {
    return i32At(this.table.port, entry);
  }

  routerFlagOf(entry: number): RouterFlag {
    return this.router[entry] as RouterFlag;
  }

  get count(): number {
    return this.table.count;
  }

  /** One more than the last entry in use. */
  get ceiling(): number {
    return this.table.ceiling;
  }

  /** Lists the table, or a part of it for callers that must not take long. */
  list(nowMs: number, from = 0, to = Infinity): Neighbour[] {
    const neighbours: Neighbour[] = [];
    for (let entry = from; entry < Math.min(to, this.table.ceiling); entry++) {
      const neighbour = this.describe(entry, nowMs);
      if (neighbour !== undefined) neighbours.push(neighbour);
    }
    return neighbours;
  }

  /** Readable form of an entry; `undefined` if it is not in use. */
  describe(entry: number, nowMs: number): Neighbour | undefined {
    const { table } = this;
    if (!table.isUsed(entry)) return undefined;
    table.readKey(entry, this.key);
    const router = this.routerFlagOf(entry);
    return {
      address: formatIpKey(this.key),
      mac: formatMac(this.hi16Of(entry), this.lo32Of(entry)),
      vlan: u16At(table.vlan, entry),
      port: this.portOf(entry),
      state: STATE_NAMES[this.life[entry] as Life],
      ...(router !== RouterFlag.Unknown && { isRouter: router === RouterFlag.Router }),
      heardAgoMs: nowMs - f64At(table.heardMs, entry),
    };
  }

  /** Copies the address of an entry. */
  readKey(entry: number, key: IpKey): void {
    this.table.readKey(entry, key);
  }

  // The operator's bindings -----------------------------------------------------------------------

  /**
   * Binds an address permanently. It replaces an existing binding.
   * @param vlan `NO_VLAN`: the binding counts in every VLAN that has no static one of its own, and replaces
   *   what was learned there
   * @param port port of the station, or `ANY_PORT` for the port that the FDB has
   * @returns false, without a change, if there are too many static bindings
   */
  addStatic(key: IpKey, vlan: number, hi16: number, lo32: number, port: number): boolean {
    const isReplaced = this.findStatic(key, vlan) !== NO_ENTRY;
    if (!isReplaced && this.table.isStaticFull) return false;
    this.remove(key, vlan);
    if (vlan === NO_VLAN) this.forgetLearned(key);
    const entry = this.table.insertStatic(key, vlan, hi16, lo32, port);
    this.router[entry] = RouterFlag.Unknown;
    this.enter(entry, Life.Static, Infinity);
    return true;
  }

  /** Adds a binding of another table, in the same state. */
  restore(
    key: IpKey,
    vlan: number,
    hi16: number,
    lo32: number,
    port: number,
    state: NeighbourState,
    heardMs: number,
  ): void {
    const life = STATE_NAMES.indexOf(state);
    if (life === Life.Static) {
      this.addStatic(key, vlan, hi16, lo32, port);
      return;
    }
    this.observe(key, vlan, hi16, lo32, port, heardMs);
    this.life[this.table.find(key, vlan)] = life;
  }

  /** @returns whether there was such a binding */
  remove(key: IpKey, vlan: number): boolean {
    const entry = this.table.find(key, vlan);
    if (entry !== NO_ENTRY) this.table.remove(entry);
    return entry !== NO_ENTRY;
  }

  /** Forgets the learned bindings of one port or all, and of these one VLAN or all. @returns their number */
  flush(port?: number, vlan?: number): number {
    const { table } = this;
    return this.removeWhere(
      (entry) =>
        !table.isStatic(entry) &&
        (port === undefined || this.portOf(entry) === port) &&
        (vlan === undefined || table.vlan[entry] === vlan),
    );
  }

  /** Forgets everything about a removed port, because its id will be reused. */
  forgetPort(port: number): void {
    this.removeWhere((entry) => this.portOf(entry) === port);
  }

  // Time ------------------------------------------------------------------------------------------

  /** Time of the next work of `tick`; `Infinity` for never. */
  get dueMs(): number {
    return Math.max(this.firstDueMs, this.sweptMs + SWEEP_INTERVAL_MS);
  }

  tick(nowMs: number, outbox: Outbox): void {
    if (nowMs < this.dueMs) return;
    this.sweptMs = nowMs;
    this.pollsLeft = POLLS_PER_SWEEP;
    this.firstDueMs = Infinity;
    const { table } = this;
    for (let entry = 0; entry < table.ceiling; entry++) {
      if (!table.isUsed(entry)) continue;
      if (nowMs >= f64At(table.dueMs, entry)) this.step(entry, nowMs, outbox);
      if (table.isUsed(entry)) {
        this.firstDueMs = Math.min(this.firstDueMs, f64At(table.dueMs, entry));
      }
    }
  }

  private step(entry: number, nowMs: number, outbox: Outbox): void {
    const life = this.life[entry] as Life;
    if (life === Life.Conflict || (life === Life.Fresh && !this.polls)) {
      this.table.remove(entry);
      return;
    }
    if (u8At(this.pollCount, entry) >= POLL_COUNT) {
      if (life === Life.Contested) this.settle(entry, nowMs);
      else this.table.remove(entry);
      return;
    }
    if (nowMs - f64At(this.table.heardMs, entry) >= this.lifeMs) {
      this.table.remove(entry);
      return;
    }
    if (this.pollsLeft === 0) return;
    if (life === Life.Fresh) this.enter(entry, Life.Verifying, nowMs);
    this.table.dueMs[entry] = nowMs + POLL_INTERVAL_MS;
    const isAsked = !this.polls || this.sendPoll(entry, nowMs, outbox);
    if (isAsked) this.pollCount[entry] = u8At(this.pollCount, entry) + 1;
  }

  /** @returns whether the station could be asked */
  private sendPoll(entry: number, nowMs: number, outbox: Outbox): boolean {
    const { table } = this;
    this.pollsLeft--;
    table.readKey(entry, this.key);
    const isContested = this.life[entry] === Life.Contested;
    const hi16 = u16At(isContested ? this.formerHi16 : table.hi16, entry);
    const lo32 = i32At(isContested ? this.formerLo32 : table.lo32, entry);
    const port = i32At(isContested ? this.formerPort : table.port, entry);
    return this.poll(this.key, u16At(table.vlan, entry), hi16, lo32, port, nowMs, outbox);
  }

  // Bookkeeping -----------------------------------------------------------------------------------

  /** The binding of an address in a VLAN: its own, or the static one without a VLAN. */
  private find(key: IpKey, vlan: number): number {
    const entry = this.table.find(key, vlan);
    if (entry !== NO_ENTRY || vlan === NO_VLAN) return entry;
    const everywhere = this.table.find(key, NO_VLAN);
    return everywhere !== NO_ENTRY && this.table.isStatic(everywhere) ? everywhere : NO_ENTRY;
  }

  /** Forgets the learned bindings of an address in every VLAN. */
  private forgetLearned(key: IpKey): void {
    this.removeWhere((entry) => {
      if (this.table.isStatic(entry)) return false;
      this.table.readKey(entry, this.key);
      return isSameIpKey(this.key, key);
    });
  }

  private learn(
    key: IpKey,
    vlan: number,
    hi16: number,
    lo32: number,
    port: number,
    nowMs: number,
  ): void {
    const entry = this.table.insert(key, vlan, hi16, lo32, port, nowMs);
    this.router[entry] = RouterFlag.Unknown;
    this.settle(entry, nowMs);
  }

  /** Notes that the station was heard and that no other one uses the address. */
  private settle(entry: number, heardMs: number): void {
    const restMs = this.polls ? this.lifeMs * VERIFY_AFTER : this.lifeMs;
    this.enter(entry, Life.Fresh, heardMs + restMs);
  }

  private enter(entry: number, life: Life, dueMs: number): void {
    this.life[entry] = life;
    this.pollCount[entry] = 0;
    this.table.dueMs[entry] = dueMs;
    this.firstDueMs = Math.min(this.firstDueMs, dueMs);
  }

  private isSettled(entry: number): boolean {
    const life = this.life[entry] as Life;
    return life === Life.Fresh || life === Life.Verifying;
  }

  private holds(entry: number, hi16: number, lo32: number): boolean {
    return this.table.lo32[entry] === lo32 && this.table.hi16[entry] === hi16;
  }

  private wasHeldBy(entry: number, hi16: number, lo32: number): boolean {
    return this.formerLo32[entry] === lo32 && this.formerHi16[entry] === hi16;
  }

  private removeWhere(matches: (entry: number) => boolean): number {
    const countBefore = this.table.count;
    this.table.forEach((entry) => {
      if (matches(entry)) this.table.remove(entry);
    });
    return countBefore - this.table.count;
  }

  private doubt(
    doubt: Doubt,
    isNews: boolean,
    entry: number,
    hi16: number,
    lo32: number,
    port: number,
    nowMs: number,
  ): void {
    this.sink.count(doubt, port);
    if (!isNews || !this.newsRate.take(0, nowMs)) return;
    this.table.readKey(entry, this.key);
    this.sink.tell({
      event: `neighbour-${doubt}`,
      address: formatIpKey(this.key),
      mac: formatMac(hi16, lo32),
      port,
      formerMac: formatMac(this.hi16Of(entry), this.lo32Of(entry)),
      ...inVlan(u16At(this.table.vlan, entry)),
    });
  }
}
