"use strict";
/** List of the kinds of port. Each kind has its own file, and a line here. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.PORT_KINDS = void 0;
exports.portKinds = portKinds;
const port_grammar_1 = require("../config/port-grammar");
const bridge_keys_1 = require("./bridge-keys");
const datagram_port_1 = require("./datagram-port");
const nic_port_1 = require("./nic-port");
const stream_port_1 = require("./stream-port");
const tap_port_1 = require("./tap-port");
const veth_port_1 = require("./veth-port");
/** @param kinds kinds of port, the default among them; a test adds one of its own */
function portKinds(kinds) {
    return new port_grammar_1.PortGrammar(kinds, Object.fromEntries(bridge_keys_1.BRIDGE_KEYS), bridge_keys_1.refuseContradiction);
}
exports.PORT_KINDS = portKinds([
    tap_port_1.tapKind,
    nic_port_1.nicKind,
    veth_port_1.vethKind,
    stream_port_1.streamKind,
    datagram_port_1.datagramKind,
]);
