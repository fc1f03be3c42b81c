"use strict";
/** The forwarding database, for programs. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Stations = void 0;
const stations_1 = require("../control/resources/stations");
/** Stations: MAC addresses, and the ports behind which they are. Errors: see `Switch`. */
class Stations {
    requests;
    constructor(requests) {
        this.requests = requests;
    }
    /** Entries with the keys of `bridge -s -j fdb show`. */
    list(query) {
        return this.requests.run(stations_1.stationFilter.value, query, async (tapSwitch, wanted) => (await (0, stations_1.listStations)(tapSwitch, wanted)).map((entry) => (0, stations_1.stationBody)(entry, tapSwitch)));
    }
    /** Adds an entry, in place of the one that the table has of the station. */
    add(station) {
        return this.requests.run(stations_1.newStation, station, stations_1.addStation);
    }
    /**
     * Removes an entry, learned or static.
     * @param where the port at which it must be, and its VLAN; without a VLAN it leaves each
     */
    async remove(mac, where) {
        await this.requests.run(stations_1.stationRemoval.value, { ...where, mac: mac ?? null }, stations_1.removeStations);
    }
    /** Forgets the learned stations. @returns the number of entries */
    flush(query) {
        return this.requests.run(stations_1.stationFilter.value, query, stations_1.removeStations);
    }
}
exports.Stations = Stations;
