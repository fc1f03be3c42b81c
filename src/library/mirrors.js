"use strict";
/** Mirrors, for programs. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Mirrors = void 0;
const mirrors_1 = require("../control/resources/mirrors");
/** Copies of the frames of ports for another port. Errors: see `Switch`. */
class Mirrors {
    requests;
    constructor(requests) {
        this.requests = requests;
    }
    list() {
        return this.requests.ask(async (tapSwitch) => (await tapSwitch.mirrors()).map((mirror) => ({ ...mirror, from: [...mirror.from] })));
    }
    /** Adds a mirror, or replaces the one of the same name. */
    add(mirror) {
        return this.requests.run(mirrors_1.newMirror, mirror, mirrors_1.addMirror);
    }
    remove(name) {
        return this.requests.run(mirrors_1.mirrorRemoval.value, { name }, (tapSwitch, wanted) => (0, mirrors_1.removeMirror)(tapSwitch, wanted.name));
    }
}
exports.Mirrors = Mirrors;
