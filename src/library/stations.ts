/** The forwarding database, for programs. */

import {
  addStation,
  listStations,
  newStation,
  removeStations,
  stationBody,
  stationFilter,
  stationRemoval,
} from '../control/resources/stations';
import type { StationBody } from '../control/shapes';
import { type Requests, withKey } from './requests';

/** Which entries: those behind a port, and those in a VLAN. */
export interface StationQuery {
  /** Label of the port: `[KIND:]NAME[@NETNS]`. */
  readonly port?: string | undefined;
  /** VID; 0 for entries outside of every VLAN. */
  readonly vlan?: number | undefined;
}

export interface StationEntry {
  readonly mac: string;
  readonly port: string;
  readonly vlan?: number | undefined;
  /** `static`, by default: the entry never ages and never moves. `sticky`: it ages. */
  readonly kind?: 'static' | 'sticky' | undefined;
}

/** Stations: MAC addresses, and the ports behind which they are. Errors: see `Switch`. */
export class Stations {
  /** @internal */
  constructor(private readonly requests: Requests) {}

  /** Entries with the keys of `bridge -s -j fdb show`. */
  list(query?: StationQuery): Promise<StationBody[]> {
    return this.requests.run(stationFilter.value, query, async (tapSwitch, wanted) =>
      (await listStations(tapSwitch, wanted)).map((entry) => stationBody(entry, tapSwitch)),
    );
  }

  /** Adds an entry, in place of the one that the table has of the station. */
  add(station: StationEntry): Promise<void> {
    return this.requests.run(newStation, station, addStation);
  }

  /**
   * Removes an entry, learned or static.
   * @param where the port at which it must be, and its VLAN; without a VLAN it leaves each
   */
  async remove(mac: string, where?: StationQuery): Promise<void> {
    await this.requests.run(stationRemoval.value, withKey(where, 'mac', mac), removeStations);
  }

  /** Forgets the learned stations. @returns the number of entries */
  flush(query?: StationQuery): Promise<number> {
    return this.requests.run(stationFilter.value, query, removeStations);
  }
}
