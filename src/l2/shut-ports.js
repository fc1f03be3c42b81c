"use strict";
/**
 * Ports that are shut: the bridge treats them as down, whatever their link does, until somebody opens them.
 * A violation of port security shuts a port, and an operator may.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.ShutPorts = void 0;
class ShutPorts {
    shut = new Set();
    /** Ports whose link is up, shut or not. */
    linked = new Set();
    /** Notes the link of a port. @returns whether the port is up */
    setLink(port, isUp) {
        if (isUp)
            this.linked.add(port);
        else
            this.linked.delete(port);
        return this.isUp(port);
    }
    /** Shuts or opens a port. @returns whether the port is up */
    setShut(port, isShut) {
        if (isShut)
            this.shut.add(port);
        else
            this.shut.delete(port);
        return this.isUp(port);
    }
    isShut(port) {
        return this.shut.has(port);
    }
    /** Forgets a port whose id will be given away again. */
    forget(port) {
        this.shut.delete(port);
        this.linked.delete(port);
    }
    isUp(port) {
        return this.linked.has(port) && !this.shut.has(port);
    }
}
exports.ShutPorts = ShutPorts;
