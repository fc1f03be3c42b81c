/** What a room is told of the bridge, as a test would have it: stations and who may reach whom. */

import type { Topology } from '../../src/neighbour/known-hosts';
import { formatMac } from '../../src/l2/mac';
import { printed } from './ethernet';

export class TestTopology implements Topology {
  private readonly ports = new Map<string, number>();
  private readonly isolated = new Set<number>();

  /** A station, six bytes of hex, is behind a port. */
  place(mac: string, port: number): void {
    this.ports.set(printed(mac), port);
  }

  forget(mac: string): void {
    this.ports.delete(printed(mac));
  }

  /** Nothing is forwarded from or to the port. */
  isolate(port: number): void {
    this.isolated.add(port);
  }

  portOf(hi16: number, lo32: number): number {
    return this.ports.get(formatMac(hi16, lo32)) ?? -1;
  }

  forwards(ingress: number, egress: number): boolean {
    return !this.isolated.has(ingress) && !this.isolated.has(egress);
  }
}
