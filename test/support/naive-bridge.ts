/**
 * A learning switch from a textbook: a Map from address to port, and a loop over all ports. It gets the
 * same events as the bridge, and says which ports must get a frame.
 */

export interface NaivePort {
  isUp: boolean;
  mtuBytes: number;
}

export interface NaiveOptions {
  readonly ageingMs: number;
  readonly reserved: 'br0' | 'strict';
  readonly ownMac: string;
}

interface Station {
  readonly port: number;
  readonly heardMs: number;
}

const isGroup = (mac: string): boolean => (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;

export class NaiveBridge {
  readonly ports: NaivePort[] = [];
  private readonly stations = new Map<string, Station>();

  constructor(private readonly options: NaiveOptions) {}

  /** @param frame hex. @returns the ports that get it */
  forward(ingress: number, frame: string, nowMs: number): number[] {
    const [to, from] = [frame.slice(0, 12), frame.slice(12, 24)];
    if (frame.length < 28 || !this.ports[ingress]?.isUp) return [];
    if (isGroup(from) || from === '000000000000' || from === to) return [];
    if (from === this.options.ownMac) return [];

    const isPause = to === '0180c2000001';
    if (this.options.ageingMs > 0 && !isPause) {
      this.stations.set(from, { port: ingress, heardMs: nowMs });
    }
    const isReserved = to.startsWith('0180c200000');
    const isForwardedStp = to === '0180c2000000' && this.options.reserved === 'br0';
    if ((isReserved && !isForwardedStp) || to === this.options.ownMac) return [];

    const known = isGroup(to) ? undefined : this.find(to, nowMs);
    if (known === ingress) return [];
    const candidates = known === undefined ? [...this.ports.keys()] : [known];
    return candidates.filter((id) => {
      const port = this.ports[id];
      return id !== ingress && port?.isUp && frame.length / 2 <= port.mtuBytes + 18;
    });
  }

  /** Stations and their ports, in any order. */
  find(mac: string, nowMs: number): number | undefined {
    const station = this.stations.get(mac);
    if (station === undefined || nowMs - station.heardMs >= this.options.ageingMs) return undefined;
    return station.port;
  }

  known(nowMs: number): Record<string, number> {
    const names = [...this.stations.keys()];
    return Object.fromEntries(
      names.flatMap((mac) => {
        const port = this.find(mac, nowMs);
        return port === undefined ? [] : [[mac, port]];
      }),
    );
  }

  setUp(id: number, isUp: boolean): void {
    const port = this.ports[id];
    if (port) port.isUp = isUp;
    if (isUp) return;
    for (const [mac, station] of this.stations) if (station.port === id) this.stations.delete(mac);
  }
}
