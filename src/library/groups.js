"use strict";
/** The table of multicast groups, for programs. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Groups = void 0;
const groups_1 = require("../control/resources/groups");
const stats_1 = require("../control/resources/stats");
/** Members of multicast groups, as IGMP and MLD tell them, and as a program adds them. Errors: see `Switch`. */
class Groups {
    requests;
    constructor(requests) {
        this.requests = requests;
    }
    /** The table, with the keys of `bridge -d -s -j mdb show`. */
    list(query) {
        return this.requests.run(stats_1.portFilter.value, query, groups_1.listGroups);
    }
    add(entry) {
        return this.requests.run(groups_1.newGroup, entry, groups_1.addGroup);
    }
    /** Removes one entry. */
    async remove(entry) {
        const removal = { ...entry, group: entry?.group ?? null };
        await this.requests.run(groups_1.groupRemoval.value, removal, groups_1.removeGroups);
    }
    /** Removes each entry that matches. @returns their number */
    flush(query) {
        return this.requests.run(groups_1.groupRemoval.value, query, groups_1.removeGroups);
    }
}
exports.Groups = Groups;
