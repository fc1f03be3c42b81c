"use strict";
/** The spanning tree, as it is shown. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.spanningTreeBody = spanningTreeBody;
async function spanningTreeBody(tapSwitch) {
    const state = await tapSwitch.treeState();
    const labelOf = (port) => tapSwitch.ports.labelOf(port);
    return state === undefined ? { protocol: 'off' } : treeBody(state, labelOf);
}
function treeBody(state, labelOf) {
    const { rootPort, lastChangePort, ports, ...rest } = state;
    return {
        ...rest,
        ...(rootPort !== undefined && { rootPort: labelOf(rootPort) }),
        ...(lastChangePort !== undefined && { lastChangePort: labelOf(lastChangePort) }),
        ports: ports.map((port) => ({ ...port, port: labelOf(port.port) })),
    };
}
