/**
 * Admission: whether a frame may come in from a port that has flags or is not forwarding. It asks for the VLAN
 * of the frame, the lock of the port and its port security. A station that may send is learned.
 *
 * Source: IEEE 802.1Q-2022 8.6.2 (ingress), 8.4 (learning); `br_handle_frame_finish` in
 * net/bridge/br_input.c.
 */

import { type Burst, FrameFlag } from '../frame/burst';
import { NO_PORT } from '../frame/port-id';
import { formatMac } from '../wire/mac';
import { DropReason } from './drop-reason';
import { EventKind, type EventLog } from './event-log';
import type { Fdb } from './fdb/table';
import type { Learning } from './learning';
import type { Output } from './output';
import type { PortSecurity } from './port-security';
import { PortAbility, type PortTable } from './port-table';
import type { RoomNews } from './room-list';
import { tellVlan } from './trace-steps';
import { REPORT_INTERVAL_MS } from './turn';
import type { VlanIngress } from './vlan-ingress';

/** Constants of this module: V8 folds them, and loads an import anew for each frame. */
const { Reserved } = FrameFlag;
const { Forward, Learn, Locked, Mab, Secured } = PortAbility;

export interface AdmissionParts {
  readonly burst: Burst;
  readonly ports: PortTable;
  readonly fdb: Fdb;
  readonly events: EventLog;
  readonly vlanIngress: VlanIngress;
  readonly security: PortSecurity;
  readonly output: Output;
  readonly learning: Learning;
  readonly news: (news: RoomNews) => void;
}

export class Admission {
  private readonly burst: Burst;
  private readonly ports: PortTable;
  private readonly fdb: Fdb;
  private readonly events: EventLog;
  private readonly vlanIngress: VlanIngress;
  private readonly security: PortSecurity;
  private readonly output: Output;
  private readonly learning: Learning;
  private readonly news: (news: RoomNews) => void;

  /** @param shut shuts a port after a violation */
  constructor(
    parts: AdmissionParts,
    private readonly shut: (port: number) => void,
  ) {
    this.burst = parts.burst;
    this.ports = parts.ports;
    this.fdb = parts.fdb;
    this.events = parts.events;
    this.vlanIngress = parts.vlanIngress;
    this.security = parts.security;
    this.output = parts.output;
    this.learning = parts.learning;
    this.news = parts.news;
  }

  /** @returns the VID of the frame, or a negative number that `refusalIn` reads */
  decideVlan(frame: number, ingress: number): number {
    const vlan = this.vlanIngress.decide(frame, ingress);
    const { reporter } = this.output;
    if (reporter !== undefined && vlan >= 0) tellVlan(reporter, vlan);
    return vlan;
  }

  /**
   * Learns the source of a frame, or drops the frame. The source of a frame to a reserved address was learned before.
   * @param abilities bits of `PortAbility` of the ingress port
   * @param kind kind of the frame: see `Burst.kind`
   * @returns whether the frame's trip goes on
   */
  admits(
    ingress: number,
    abilities: number,
    kind: number,
    hi16: number,
    lo32: number,
    vlan: number,
  ): boolean {
    if ((abilities & Locked) !== 0 && !this.isKnownAt(ingress, hi16, lo32, vlan)) {
      if ((abilities & Mab) !== 0) this.noteLocked(ingress, hi16, lo32, vlan);
      this.output.drop(ingress, DropReason.Locked);
      return false;
    }
    if ((abilities & Secured) !== 0 && !this.isSecure(ingress, hi16, lo32, vlan)) {
      this.dropViolation(ingress, hi16, lo32, vlan);
      return false;
    }
    if ((kind & Reserved) === 0 && (abilities & Learn) !== 0) {
      this.learning.learn(hi16, lo32, vlan, ingress);
    }
    // A port that is learning does no more.
    if ((abilities & Forward) !== 0) return true;
    this.output.drop(ingress, DropReason.IngressDiscarding);
    return false;
  }

  /** Learns the source of a frame to a reserved address, if its port learns and lets the station send. */
  learnReserved(port: number, hi16: number, lo32: number, vlan: number): void {
    const abilities = this.ports.abilities(port);
    if ((abilities & Learn) === 0) return;
    if ((abilities & Locked) !== 0 && !this.isKnownAt(port, hi16, lo32, vlan)) return;
    if ((abilities & Secured) !== 0 && !this.isSecure(port, hi16, lo32, vlan)) return;
    this.learning.learn(hi16, lo32, vlan, port);
  }

  /** Notes a station that the lock of its port keeps out, if port security would let it send there. */
  private noteLocked(port: number, hi16: number, lo32: number, vlan: number): void {
    const { nowMs, nowTicks } = this.burst;
    const abilities = this.ports.abilities(port);
    if ((abilities & Learn) === 0) return;
    if ((abilities & Secured) !== 0 && !this.isSecure(port, hi16, lo32, vlan)) return;
    if (!this.fdb.learnLocked(hi16, lo32, vlan, port, nowTicks)) return;
    this.output.reporter?.step(
      `${formatMac(hi16, lo32)} gets a locked entry: it waits to be let in`,
    );
    this.events.add(EventKind.LearnLocked, port, NO_PORT, hi16, lo32, vlan, nowMs);
  }

  private isKnownAt(port: number, hi16: number, lo32: number, vlan: number): boolean {
    return this.fdb.peek(hi16, lo32, vlan, this.burst.nowTicks) === port;
  }

  private isSecure(port: number, hi16: number, lo32: number, vlan: number): boolean {
    const { nowMs, nowTicks } = this.burst;
    return this.security.admits(port, hi16, lo32, vlan, nowTicks, nowMs);
  }

  private dropViolation(port: number, hi16: number, lo32: number, vlan: number): void {
    const { security } = this;
    const { nowMs } = this.burst;
    this.output.drop(port, DropReason.PortSecurity);
    if (security.reports(port, nowMs, REPORT_INTERVAL_MS)) {
      this.events.add(EventKind.Violation, port, NO_PORT, hi16, lo32, vlan, nowMs);
    }
    if (!security.shuts(port)) return;
    this.shut(port);
    this.news({ event: 'port-shut', port, why: 'port-security', mac: formatMac(hi16, lo32) });
  }
}
