/**
 * Who asks for members in one VLAN, of one address family, and whether the group table can be used there.
 *
 * Hosts report because a querier asks. Without a querier the table has only what hosts said of themselves when
 * they joined, and runs dry: so it is used only while a querier is known, and not before all hosts had the time
 * to answer him.
 *
 *     nobody known ──query heard──▶ heard (until the querier interval is over) ──▶ nobody, or the switch
 *     the switch asks ──query from a lower address──▶ heard
 *
 * A query from 0.0.0.0 comes from a switch that has no address and does not claim to be the querier (RFC 4541
 * 2.1.1): it wins nothing. Linux takes it for one that wins.
 *
 * Source: RFC 3376 6.6, RFC 3810 7.6, RFC 4541 2.1.1; `br_multicast_select_querier`,
 * `br_multicast_update_querier` in net/bridge/br_multicast.c.
 */

import { compareIpKeys, newIpKey } from '../wire/ip-key';
import type { IpKey } from '../wire/ip-key';
import { NO_PORT } from '../frame/port-id';
import { type McastSettings, querierMs, startupMs } from './settings';

const RESTART_INTERVAL_MS = 1_000;

export class Querier {
  /** Address of the querier that was heard last. */
  readonly heard = newIpKey();
  /** Port behind which that querier is. */
  heardPort = NO_PORT;
  /** When the next general query of the switch is due, ms; `Infinity` while it does not ask. */
  nextQueryMs = Infinity;
  /** When the switch sent its last general query, ms. */
  sentMs = -Infinity;
  private heardUntilMs = -Infinity;
  private readyMs = Infinity;
  private startupSent = 0;

  /** Whether a querier asks. */
  isKnown(nowMs: number): boolean {
    return this.nextQueryMs !== Infinity || nowMs < this.heardUntilMs;
  }

  /** Whether a querier has asked for long enough, so that the group table is complete. */
  isReady(nowMs: number): boolean {
    return nowMs >= this.readyMs && (this.nextQueryMs !== Infinity || nowMs < this.heardUntilMs);
  }

  /** Whether another querier is heard. */
  isHeard(nowMs: number): boolean {
    return nowMs < this.heardUntilMs;
  }

  /** When the querier that was heard is given up, ms. */
  get untilMs(): number {
    return this.heardUntilMs;
  }

  /** Whether the switch asks. */
  get isOwn(): boolean {
    return this.nextQueryMs !== Infinity;
  }

  /**
   * Takes note of a query.
   * @param source address from which it comes, which is not 0.0.0.0
   * @param own address from which the switch asks; 0.0.0.0 loses to everybody
   * @returns whether the sender is the querier: no other has a lower address
   */
  query(
    source: IpKey,
    port: number,
    maxResponseMs: number,
    nowMs: number,
    own: IpKey | undefined,
    settings: McastSettings,
  ): boolean {
    const rival = this.isHeard(nowMs) ? this.heard : this.isOwn ? own : undefined;
    if (rival !== undefined && compareIpKeys(source, rival) > 0) return false;
    if (!this.isKnown(nowMs) || this.readyMs === Infinity) this.readyMs = nowMs + maxResponseMs;
    this.heard.set(source);
    this.heardPort = port;
    this.heardUntilMs = nowMs + querierMs(settings);
    this.nextQueryMs = Infinity;
    return true;
  }

  /** Makes the switch the querier if it may be and there is no other. Ends that if it may not. */
  settle(nowMs: number, settings: McastSettings): void {
    if (!settings.mcastQuerier) {
      this.nextQueryMs = Infinity;
      return;
    }
    if (this.isOwn || this.isHeard(nowMs)) return;
    // The table is as good as it was while another one asked until just now.
    const wasHeard = this.heardUntilMs !== -Infinity && this.readyMs <= this.heardUntilMs;
    if (!wasHeard) this.readyMs = nowMs + settings.mcastQueryResponseIntervalMs;
    this.heardUntilMs = -Infinity;
    this.startupSent = 0;
    this.nextQueryMs = nowMs;
  }

  /** Notes that a general query was sent. */
  sent(nowMs: number, settings: McastSettings): void {
    this.sentMs = nowMs;
    if (this.startupSent < settings.mcastStartupQueryCount) this.startupSent++;
    const isStarting = this.startupSent < settings.mcastStartupQueryCount;
    this.nextQueryMs = nowMs + (isStarting ? startupMs(settings) : settings.mcastQueryIntervalMs);
  }

  /**
   * Has all hosts asked again before the group table is used: the network has another shape, and what was heard is
   * behind other ports. The switch asks at once; another querier asks when he does.
   */
  restart(nowMs: number, settings: McastSettings): void {
    this.readyMs = Infinity;
    if (!this.isOwn) return;
    this.readyMs = nowMs + settings.mcastQueryResponseIntervalMs;
    this.startupSent = 0;
    // Changes that come one after the other have hosts asked once a second.
    this.nextQueryMs = Math.max(nowMs, this.sentMs + RESTART_INTERVAL_MS);
  }

  /** Forgets a querier that was heard from a port: its present port is unknown. */
  forgetPort(port: number): void {
    if (this.heardPort !== port) return;
    this.heardPort = NO_PORT;
    this.heardUntilMs = -Infinity;
  }

  /** Restores whether a querier asks, and whether it has asked for long enough. */
  restore(isKnown: boolean, isReady: boolean): void {
    this.nextQueryMs = Infinity;
    this.heardUntilMs = isKnown ? Infinity : -Infinity;
    this.readyMs = isReady ? -Infinity : Infinity;
  }

  /** When `settle` or a query is due, ms; `Infinity` for never. */
  dueMs(settings: McastSettings): number {
    if (this.isOwn) return this.nextQueryMs;
    return settings.mcastQuerier && this.heardUntilMs !== -Infinity ? this.heardUntilMs : Infinity;
  }
}
