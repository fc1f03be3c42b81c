/** The bridge's topology for a protocol room, set by a test: stations, and ports that reach each other. */

import type { Topology } from '../../src/hosts/known-hosts';
import { formatMac } from '../../src/wire/mac';
import { printed } from './ethernet';

export class TestTopology implements Topology {
  private readonly ports = new Map<string, number>();
  private readonly isolated = new Set<number>();
  private readonly placements = new Map<string, number>();
  private placementCount = 0;
  private upCount = 0;
  private listeners: readonly number[] = [];

  /** Puts a station, six bytes of hex, behind a port. */
  place(mac: string, port: number): void {
    if (this.ports.get(printed(mac)) === port) return;
    this.ports.set(printed(mac), port);
    this.placements.set(printed(mac), ++this.placementCount);
  }

  forget(mac: string): void {
    this.ports.delete(printed(mac));
    this.placements.delete(printed(mac));
  }

  /** Sets a port down: no frame is forwarded from or to it. */
  isolate(port: number): void {
    this.isolated.add(port);
  }

  portOf(hi16: number, lo32: number): number {
    return this.ports.get(formatMac(hi16, lo32)) ?? -1;
  }

  joins(ingress: number, egress: number): boolean {
    return !this.isolated.has(ingress) && !this.isolated.has(egress);
  }

  placementOf(hi16: number, lo32: number): number {
    return this.placements.get(formatMac(hi16, lo32)) ?? 0;
  }

  /** Sets another port up. */
  comeUp(): void {
    this.upCount++;
  }

  audience(): number {
    return this.upCount;
  }

  /** Ports that hear every request. */
  listen(...ports: number[]): void {
    this.listeners = ports;
  }

  requestListeners(): readonly number[] {
    return this.listeners;
  }
}
