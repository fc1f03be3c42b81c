"use strict";
/**
 * The API's answers: types for the server and its clients, and the schemas of the OpenAPI document.
 * Answers are not checked against them while the switch runs.
 *
 * The keys are the names of the options, and the keys of iproute2.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.problemShape = exports.eventShape = exports.stpShape = exports.traceShape = exports.statsShape = exports.mdbShape = exports.removedShape = exports.neighbourShape = exports.portVlansShape = exports.stationShape = exports.bridgeShape = exports.ownAddressShape = exports.portShape = exports.mirrorShape = void 0;
const zod_1 = require("zod");
const bridge_keys_1 = require("../ports/bridge-keys");
const port_1 = require("../ports/port");
const tree_state_1 = require("../stp/tree-state");
const mac = zod_1.z.string().describe('02:00:00:00:00:01');
const portName = zod_1.z
    .string()
    .describe('what was asked for: [KIND:]NAME[@NETNS], a TAP without its kind');
/** An object whose schema has a name in the OpenAPI document. */
function named(id, shape) {
    return zod_1.z.object(shape).meta({ id });
}
/** Keys that ports of every kind have, because the bridge acts on them. */
const bridgeKeys = Object.fromEntries([...bridge_keys_1.BRIDGE_KEYS].map(([key, { rule, help }]) => [
    key,
    zod_1.z.unknown().meta({ ...rule.schema, description: help }),
]));
exports.mirrorShape = named('Mirror', {
    name: zod_1.z.string(),
    from: zod_1.z.array(portName).describe('ports whose frames are copied'),
    direction: zod_1.z
        .enum(['in', 'out', 'both'])
        .describe('in: what the ports give the switch; out: what the switch gives them'),
    vlan: zod_1.z.int().optional().describe('VLAN of the frames; absent: every VLAN'),
    filter: zod_1.z.string().optional().describe('words of tcpdump; absent: every frame'),
    to: portName,
    shared: zod_1.z.boolean().describe('whether the target stays an ordinary port'),
    copies: zod_1.z.int().describe('frames that were copied'),
    lost: zod_1.z.int().describe('frames that were not, because the target was down'),
});
const fixedPortShape = zod_1.z.object({
    id: zod_1.z.int().describe('used again when the port is removed'),
    port: portName,
    kind: zod_1.z.string().describe('tap, …'),
    kernelName: zod_1.z.string().describe('name of the interface, which its owner can change'),
    origin: zod_1.z
        .enum(port_1.PORT_ORIGINS)
        .describe('of an interface: made by the switch, attached to as it was found, or taken from the host; of a ' +
        'socket: listening for its peer, connecting to it, or bound to an address; opened: by the program'),
    state: zod_1.z.enum(['up', 'down', 'gone']).describe('gone: the TAP was deleted'),
    mtu: zod_1.z.int().describe('bytes behind the Ethernet header'),
    offload: zod_1.z.boolean().describe('whether super-frames travel on it whole'),
    fast: zod_1.z
        .boolean()
        .describe('whether the kernel may redirect frames between it and other such ports'),
    fastObstacle: zod_1.z.string().optional().describe('why it may not'),
    address: zod_1.z
        .array(zod_1.z.string())
        .optional()
        .describe('addresses that the port has given its interface; absent for kinds without that key'),
    problem: zod_1.z
        .string()
        .optional()
        .describe('why the interface cannot be followed, or why a TAP that is back cannot be opened'),
});
exports.portShape = fixedPortShape
    .extend(bridgeKeys)
    .meta({ id: 'Port' });
exports.ownAddressShape = named('OwnAddress', {
    address: zod_1.z.string(),
    vlan: zod_1.z.int().optional().describe('VID; absent for the VLAN of the default PVID'),
    state: zod_1.z.string().describe('progress of the claim; the switch answers for a claimed address'),
});
exports.bridgeShape = named('Bridge', {
    name: zod_1.z.string(),
    mac,
    version: zod_1.z.string(),
    pid: zod_1.z.int(),
    uptime: zod_1.z.number().describe('seconds since the switch was started'),
    addresses: zod_1.z.array(exports.ownAddressShape),
    fdb: zod_1.z.object({
        dynamic: zod_1.z.int().describe('entries that were learned, and sticky ones'),
        static: zod_1.z.int(),
        max: zod_1.z.int().describe('limit of dynamic entries'),
        ageing: zod_1.z.number().describe('seconds; 0: nothing is learned'),
    }),
    ports: zod_1.z.array(exports.portShape),
    total: zod_1.z.record(zod_1.z.string(), zod_1.z.number()).describe('counters of all ports, removed ones included'),
});
/** The keys of `bridge -s -j fdb show` (iproute2, bridge/fdb.c). */
exports.stationShape = named('Station', {
    mac,
    port: portName,
    ifname: portName.describe('the same, under the name of iproute2'),
    vlan: zod_1.z.int().optional().describe('absent outside of every VLAN'),
    flags: zod_1.z.array(zod_1.z.string()).describe('sticky: the entry never moves'),
    master: zod_1.z.string().describe('the bridge'),
    state: zod_1.z.string().describe('static, or empty for an entry that ages'),
    used: zod_1.z.int().describe('seconds since it last decided where a frame goes, modulo 18 hours'),
    updated: zod_1.z.int().describe('seconds since the station was last heard'),
});
/** The keys of `bridge -j vlan show` (iproute2, bridge/vlan.c). */
exports.portVlansShape = named('PortVlans', {
    port: portName,
    ifname: portName.describe('the same, under the name of iproute2'),
    vlans: zod_1.z.array(zod_1.z.object({
        vlan: zod_1.z.int().describe('VID'),
        vlanEnd: zod_1.z.int().optional().describe('last VID of a range'),
        flags: zod_1.z
            .array(zod_1.z.string())
            .optional()
            .describe('PVID: of untagged frames that it receives; Egress Untagged: sent without a tag'),
    })),
});
/** The keys of `ip -s -j neigh show` (iproute2, ip/ipneigh.c). */
exports.neighbourShape = named('Neighbour', {
    dst: zod_1.z.string().describe('the address'),
    port: portName.optional().describe('absent where a static binding names no port'),
    dev: portName.optional().describe('the same, under the name of iproute2'),
    lladdr: mac,
    vlan: zod_1.z.int().optional().describe('VID; absent outside of every VLAN'),
    state: zod_1.z
        .array(zod_1.z.string())
        .describe('REACHABLE, PROBE, PERMANENT; CONTESTED, CONFLICT: two stations use the address'),
    updated: zod_1.z.int().optional().describe('seconds since the host was heard; absent for never'),
});
/** Answer to the removal of entries. */
exports.removedShape = named('Removed', { removed: zod_1.z.int().describe('number of entries') });
const timer = zod_1.z.string().describe('seconds that are left');
/** The keys of `bridge -d -s -j mdb show` (iproute2, bridge/mdb.c). */
const mdbEntryShape = zod_1.z.object({
    dev: zod_1.z.string().describe('the bridge'),
    port: portName,
    grp: zod_1.z.string().describe('the group: an IP address, or a MAC'),
    src: zod_1.z.string().optional().describe('the source of an (S,G)'),
    state: zod_1.z.enum(['permanent', 'temp']),
    filter_mode: zod_1.z.enum(['include', 'exclude']),
    source_list: zod_1.z
        .array(zod_1.z.object({ address: zod_1.z.string(), timer: timer.describe('0.00: blocked, or permanent') }))
        .optional(),
    protocol: zod_1.z.enum(['kernel', 'static']).describe('static: made by an operator'),
    flags: zod_1.z.array(zod_1.z.string()).describe('blocked: the port does not get this source'),
    vid: zod_1.z.int().optional().describe('absent outside of every VLAN'),
    timer,
});
exports.mdbShape = zod_1.z.object({
    mdb: zod_1.z.array(mdbEntryShape),
    router: zod_1.z
        .record(zod_1.z.string(), zod_1.z.array(zod_1.z.object({ port: portName, type: zod_1.z.string(), timer })))
        .describe('ports of multicast routers, by the name of the bridge'),
});
const counts = zod_1.z.record(zod_1.z.string(), zod_1.z.number()).meta({ id: 'Counts' });
exports.statsShape = named('Stats', {
    total: zod_1.z
        .object({ counters: counts, drops: counts })
        .describe('sums over all ports, removed ones included'),
    ports: zod_1.z.array(zod_1.z.object({ port: portName, counters: counts, drops: counts })),
    bursts: zod_1.z
        .array(zod_1.z.object({ from: zod_1.z.int(), to: zod_1.z.int(), bursts: zod_1.z.int() }))
        .describe('number of bursts that brought in `from` to `to` frames'),
});
exports.traceShape = named('Trace', {
    steps: zod_1.z.array(zod_1.z.string()).describe('one sentence for each step, in order'),
    egress: zod_1.z.array(portName).describe('the ports through which the frame leaves'),
    drops: zod_1.z
        .array(zod_1.z.object({ port: portName, reason: zod_1.z.string() }))
        .describe('the reasons why the frame, or a copy of it, is dropped'),
});
const treePortShape = zod_1.z.object({
    port: zod_1.z.string(),
    portId: zod_1.z.string().describe('priority and number of the port: 8001'),
    role: zod_1.z.enum(['disabled', 'root', 'designated', 'alternate', 'backup']),
    state: zod_1.z.enum(tree_state_1.TREE_STATES),
    cost: zod_1.z.number(),
    isEdge: zod_1.z.boolean().describe('no bridge is behind the port'),
    isShut: zod_1.z.boolean().describe('bpdu-guard has shut the port'),
    speaks: zod_1.z.enum(['stp', 'rstp']),
    designatedBridge: zod_1.z.string(),
    designatedPort: zod_1.z.string(),
    designatedCost: zod_1.z.number(),
});
const treeShape = zod_1.z.object({
    protocol: zod_1.z.enum(['stp', 'rstp']),
    bridgeId: zod_1.z.string().describe('priority and address: 8000.020000000001'),
    rootId: zod_1.z.string(),
    rootCost: zod_1.z.number(),
    rootPort: zod_1.z.string().optional().describe('absent where the switch is the root'),
    helloTime: zod_1.z.number().describe('seconds, as the root has it; likewise the next two'),
    maxAge: zod_1.z.number(),
    forwardDelay: zod_1.z.number(),
    topologyChanges: zod_1.z.number(),
    lastChangeAgo: zod_1.z.number().describe('seconds'),
    lastChangePort: zod_1.z.string().optional(),
    ports: zod_1.z.array(treePortShape),
});
exports.stpShape = zod_1.z.union([zod_1.z.object({ protocol: zod_1.z.literal('off') }), treeShape]);
/** A line of the stream of events. */
exports.eventShape = zod_1.z.looseObject({
    event: zod_1.z.string().describe('name of the event; lost: a slow reader has missed `lost` events'),
    seq: zod_1.z.int().optional().describe('number of the event; absent for lost'),
    time: zod_1.z.string().optional().describe('ISO 8601, UTC; absent for lost'),
});
/** RFC 9457. */
exports.problemShape = named('Problem', {
    type: zod_1.z.literal('about:blank'),
    title: zod_1.z.string().describe("HTTP's name of the status"),
    status: zod_1.z.int(),
    detail: zod_1.z.string().describe('one sentence: what is wrong, why, and what would be right'),
    errors: zod_1.z
        .array(zod_1.z.object({
        field: zod_1.z.string().describe('a field of the body, the query or the path: ports[0].mtu'),
        detail: zod_1.z.string(),
    }))
        .optional()
        .describe('each fault of the request'),
});
