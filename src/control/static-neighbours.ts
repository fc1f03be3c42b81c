/**
 * The static bindings of a running switch, as the data plane has been told of them: what a
 * configuration file would say. A binding to a port ends with the port, and follows its name.
 */

import type { StaticNeighbour } from '../config/values/static-neighbour';
import type { PortSet } from '../ports/port-set';
import type { TapPort } from '../ports/tap-port';

interface Binding {
  readonly mac: string;
  readonly port: TapPort | undefined;
}

export class StaticNeighbours {
  /** By address. */
  private readonly bindings = new Map<string, Binding>();

  constructor(private readonly ports: PortSet) {}

  /** An address was bound, in place of what was bound before. */
  note(address: string, mac: string, port: TapPort | undefined): void {
    this.forgetEnded();
    this.bindings.set(address, { mac, port });
  }

  forget(address: string): void {
    this.bindings.delete(address);
  }

  has(address: string, mac: string, port: TapPort | undefined): boolean {
    const binding = this.bindings.get(address);
    return binding !== undefined && binding.mac === mac && binding.port === port;
  }

  list(): StaticNeighbour[] {
    this.forgetEnded();
    return [...this.bindings].map(([address, { mac, port }]) => ({
      address,
      mac,
      ...(port && { port: port.label }),
    }));
  }

  private forgetEnded(): void {
    const open = new Set(this.ports.all);
    for (const [address, { port }] of this.bindings) {
      if (port !== undefined && !open.has(port)) this.bindings.delete(address);
    }
  }
}
