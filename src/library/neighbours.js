"use strict";
/** The neighbour table, for programs. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Neighbours = void 0;
const neighbours_1 = require("../control/resources/neighbours");
const stats_1 = require("../control/resources/stats");
/** Neighbours: addresses of hosts, and their stations. Errors: see `Switch`. */
class Neighbours {
    requests;
    constructor(requests) {
        this.requests = requests;
    }
    /** Bindings with the keys of `ip -s -j neigh show`. */
    list(query) {
        return this.requests.run(neighbours_1.neighbourFilter.value, query, async (tapSwitch, wanted) => (await (0, neighbours_1.listNeighbours)(tapSwitch, wanted)).map((one) => (0, neighbours_1.neighbourBody)(one, tapSwitch)));
    }
    /** Binds an address to a station permanently, in place of an existing binding. */
    add(neighbour) {
        return this.requests.run(neighbours_1.newNeighbour, neighbour, neighbours_1.addNeighbour);
    }
    /** Removes a binding, learned or permanent. */
    async remove(address, where) {
        const removal = { ...where, address: address ?? null };
        await this.requests.run(neighbours_1.neighbourRemoval.value, removal, neighbours_1.removeNeighbours);
    }
    /** Forgets the learned bindings, of one port or of all. @returns the number of bindings */
    flush(query) {
        return this.requests.run(stats_1.portFilter.value, query, neighbours_1.removeNeighbours);
    }
}
exports.Neighbours = Neighbours;
