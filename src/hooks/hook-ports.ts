/** The ports of the switch, as hooks see them: by name. */

/** A port. The object stays the same for as long as the port exists. */
export class HookPort {
  isUp = false;

  /** @param id number of the port in the switch */
  constructor(
    readonly name: string,
    readonly id: number,
  ) {}
}

export class HookPorts implements Iterable<HookPort> {
  private readonly byName = new Map<string, HookPort>();
  /** Port id → port. */
  private readonly byId: (HookPort | undefined)[] = [];

  /** The port of this name; `undefined` if there is none. */
  get(name: string): HookPort | undefined {
    return this.byName.get(name);
  }

  get names(): string[] {
    return [...this.byName.keys()];
  }

  [Symbol.iterator](): IterableIterator<HookPort> {
    return this.byName.values();
  }

  /** Name of the port with this id; empty for a frame that came from no port. */
  nameOf(id: number): string {
    return this.byId[id]?.name ?? '';
  }

  /** Whether the port is one of these, and not one that was removed. */
  has(port: HookPort): boolean {
    return this.byId[port.id] === port;
  }

  /** Notes that a port was added, or went up or down. The switch calls this, and no hook. */
  note(id: number, name: string, isUp: boolean): void {
    let port = this.byId[id];
    if (port?.name !== name) {
      this.forget(id);
      port = new HookPort(name, id);
      this.byId[id] = port;
      this.byName.set(name, port);
    }
    port.isUp = isUp;
  }

  /** Notes that a port was removed. The switch calls this, and no hook. */
  forget(id: number): void {
    const port = this.byId[id];
    if (port === undefined) return;
    port.isUp = false;
    this.byId[id] = undefined;
    this.byName.delete(port.name);
  }
}
