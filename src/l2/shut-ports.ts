/**
 * Ports that are shut: the bridge treats them as down, whatever their link does, until an operator opens them.
 * A violation of port security shuts a port, and an operator may.
 */

/** News of a port that the bridge itself has shut. */
export interface PortShut {
  readonly event: 'port-shut';
  readonly port: number;
  /** Name of the guard that shut it. */
  readonly why: 'port-security';
  /** The station for which it was shut. */
  readonly mac: string;
}

export class ShutPorts {
  private readonly shut = new Set<number>();
  /** Ports whose link is up, shut or not. */
  private readonly linked = new Set<number>();

  /** Notes the link of a port. @returns whether the port is up */
  setLink(port: number, isUp: boolean): boolean {
    if (isUp) this.linked.add(port);
    else this.linked.delete(port);
    return this.isUp(port);
  }

  /** Shuts or opens a port. @returns whether the port is up */
  setShut(port: number, isShut: boolean): boolean {
    if (isShut) this.shut.add(port);
    else this.shut.delete(port);
    return this.isUp(port);
  }

  isShut(port: number): boolean {
    return this.shut.has(port);
  }

  /** Forgets a port whose id will be given away again. */
  forget(port: number): void {
    this.shut.delete(port);
    this.linked.delete(port);
  }

  private isUp(port: number): boolean {
    return this.linked.has(port) && !this.shut.has(port);
  }
}
