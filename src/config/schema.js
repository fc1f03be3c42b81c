"use strict";
/**
 * The configuration of a switch: its options, their rules and their defaults. The command line, its help
 * and the configuration file are all made from the table below, so that an option has the same name,
 * the same rule and the same meaning in each.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.CONFIG_OPTIONS = exports.OPERATION = void 0;
exports.completeConfig = completeConfig;
exports.ownAddressObjection = ownAddressObjection;
exports.sharedAddress = sharedAddress;
exports.findRepeated = findRepeated;
const own_addresses_1 = require("../hosts/own-addresses");
const list_limit_1 = require("./list-limit");
const cidr_1 = require("./values/cidr");
const group_forward_mask_1 = require("./values/group-forward-mask");
const interface_name_1 = require("./values/interface-name");
const interface_rules_1 = require("./values/interface-rules");
const mirror_1 = require("./values/mirror");
const own_address_1 = require("./values/own-address");
const port_spec_1 = require("./values/port-spec");
const socket_name_1 = require("../system/socket-name");
const rule_1 = require("./values/rule");
const static_neighbour_1 = require("./values/static-neighbour");
const socket_address_1 = require("./values/socket-address");
const static_station_1 = require("./values/static-station");
const spanning_tree_1 = require("./values/spanning-tree");
const station_mac_1 = require("./values/station-mac");
const vid_1 = require("./values/vid");
const reserved = (0, rule_1.oneOf)('br0', 'strict');
const vlanProtocol = (0, rule_1.oneOf)('802.1Q', '802.1ad');
const arp = (0, rule_1.oneOf)('answer', 'direct', 'off');
const logLevel = (0, rule_1.oneOf)('error', 'warn', 'info', 'debug');
const logFormat = (0, rule_1.oneOf)('text', 'json');
const hostCount = (0, rule_1.wholeNumber)({ from: 1, to: 2 ** 20, unit: 'hosts' });
const stationCount = (0, rule_1.wholeNumber)({ from: 1, to: 2 ** 24, unit: 'stations' });
const socketPath = (0, rule_1.textRule)('the path of a socket, or none', (text) => {
    const bytes = Buffer.byteLength(text);
    if (bytes > socket_name_1.SOCKET_PATH_BYTES_MAX) {
        const what = `the path of a socket, at most ${socket_name_1.SOCKET_PATH_BYTES_MAX} bytes, or none`;
        throw (0, rule_1.expected)(what, text, `${bytes} bytes`);
    }
    return text === '' || text.includes('\0') ? undefined : text;
});
const MS_PER_SECOND = 1000;
/** Limit of the switch's own addresses: both families share it. */
const ADDRESS_LIMIT = {
    max: own_addresses_1.MAX_OWN_ADDRESSES,
    groupOf: () => 'addresses',
    limitText: () => `${own_addresses_1.MAX_OWN_ADDRESSES} addresses at most`,
};
const ADDRESSES = 'Addresses';
const FORWARDING = 'Forwarding';
const GROUPS = 'Multicast groups';
const DATA_PLANE = 'Data plane';
exports.OPERATION = 'Operation';
exports.CONFIG_OPTIONS = [
    option('addresses', {
        key: 'address',
        placeholder: 'CIDR',
        section: ADDRESSES,
        help: 'an address of the switch itself, IPv4 or IPv6, such as 192.0.2.1/24, for which it ' +
            'answers ARP and ping; repeatable, 64 at most (default: none)',
        rule: own_address_1.ownCidr,
        identityOf: (item) => (0, own_address_1.ownIdentity)(item),
        limit: ADDRESS_LIMIT,
        toDocument: (item) => (0, own_address_1.formatOwnCidr)(item),
        live: 'control',
    }),
    option('mac', {
        key: 'mac',
        placeholder: 'ADDR',
        section: ADDRESSES,
        help: "the switch's own MAC address (default: derived from this machine and --name)",
        rule: station_mac_1.stationMac,
    }),
    option('arp', {
        key: 'arp',
        placeholder: 'MODE',
        section: ADDRESSES,
        help: 'ARP and ND requests for known hosts: "answer" them, send them to that host alone ' +
            '("direct"), or flood them ("off")',
        fallback: 'answer',
        rule: arp,
        live: 'lane',
    }),
    option('neighLifeMs', {
        key: 'neigh-lifetime',
        placeholder: 'SECONDS',
        section: ADDRESSES,
        help: 'how long the binding of a host to its address is valid, 15 to 86400; the switch verifies it ' +
            'before half of that time is over',
        fallback: '60',
        rule: (0, rule_1.mapRule)((0, rule_1.wholeNumber)({ from: 15, to: 86_400, unit: 'seconds' }), (seconds) => seconds * MS_PER_SECOND),
        toDocument: (lifeMs) => lifeMs / MS_PER_SECOND,
        live: 'lane',
    }),
    option('neighMax', {
        key: 'neigh-max',
        placeholder: 'N',
        section: ADDRESSES,
        help: 'maximum number of known hosts, of IPv4 and of IPv6 each, 1 to 1048576',
        fallback: '8192',
        rule: hostCount,
    }),
    option('neighbours', {
        key: 'neigh',
        placeholder: 'BINDING',
        section: ADDRESSES,
        help: 'bind an address to a station permanently, on one port or on any: "192.0.2.7 lladdr ' +
            '02:00:00:00:00:07 dev tap1"; repeatable (default: none)',
        rule: static_neighbour_1.staticNeighbour,
        identityOf: (item) => (0, static_neighbour_1.neighbourIdentity)(item),
        limit: static_neighbour_1.NEIGHBOUR_LIMIT,
        toDocument: (item) => (0, static_neighbour_1.formatStaticNeighbour)(item),
        live: 'control',
    }),
    option('inspect', {
        key: 'inspect',
        section: ADDRESSES,
        help: 'inspect ARP, ND and DHCP on every port that is not "trusted", and drop forged frames ' +
            '(default: off)',
        fallback: 'off',
        rule: rule_1.onOff,
        live: 'lane',
    }),
    option('ageingMs', {
        key: 'ageing',
        placeholder: 'SECONDS',
        section: FORWARDING,
        help: 'time after which a silent station is forgotten, 10 to 1000000; 0 makes a hub',
        fallback: '300',
        rule: (0, rule_1.mapRule)((0, rule_1.wholeNumber)({ from: 10, to: 1_000_000, orZero: true, unit: 'seconds' }), (seconds) => seconds * MS_PER_SECOND),
        toDocument: (ageingMs) => ageingMs / MS_PER_SECOND,
        live: 'lane',
    }),
    option('fdbMax', {
        key: 'fdb-max',
        placeholder: 'N',
        section: FORWARDING,
        help: 'maximum number of stations in the forwarding database, 1 to 16777216',
        fallback: '65536',
        rule: stationCount,
    }),
    option('fdbMaxPerPort', {
        key: 'fdb-max-per-port',
        placeholder: 'N',
        section: FORWARDING,
        help: 'maximum number of stations on one port (default: unlimited, with fair eviction)',
        rule: stationCount,
    }),
    option('stations', {
        key: 'fdb',
        placeholder: 'ENTRY',
        section: FORWARDING,
        help: 'place a station behind a port: "02:00:00:00:00:07 dev tap1 static" never moves or ages, ' +
            '"sticky" instead of "static" ages; repeatable (default: none)',
        rule: static_station_1.staticStation,
        identityOf: (item) => (0, static_station_1.stationIdentity)(item),
        limit: static_station_1.STATION_LIMIT,
        toDocument: (item) => (0, static_station_1.formatStaticStation)(item),
        live: 'control',
    }),
    option('mirrors', {
        key: 'mirror',
        placeholder: 'MIRROR',
        section: FORWARDING,
        help: 'copy frames of ports to another port: "m1 from tap0,tap1 in to tap9"; also "out" or "both", ' +
            '"vlan VID", "filter WORDS", and "shared" at the end; repeatable (default: none)',
        rule: mirror_1.mirrorSpec,
        identityOf: (item) => item.name,
        toDocument: (item) => (0, mirror_1.formatMirror)(item),
        live: 'control',
    }),
    option('reserved', {
        key: 'reserved',
        placeholder: 'MODE',
        section: FORWARDING,
        help: 'frames to 01-80-C2-00-00-0X: treat them as a Linux bridge does ("br0"), or drop all ("strict")',
        fallback: 'br0',
        rule: reserved,
    }),
    option('groupForwardMask', {
        key: 'group-fwd',
        placeholder: 'MASK',
        section: FORWARDING,
        help: 'forward frames to 01-80-C2-00-00-0X for each bit X of the mask, whatever --reserved says: ' +
            '0x4005 for STP, LACP and LLDP',
        fallback: '0x0',
        rule: group_forward_mask_1.groupForwardMask,
        toDocument: (mask) => (0, group_forward_mask_1.formatGroupForwardMask)(mask),
        live: 'lane',
    }),
    option('vlanFiltering', {
        key: 'vlan-filtering',
        section: FORWARDING,
        help: 'divide the ports by VLAN: a frame reaches members of its VLAN only; the keys of a port are ' +
            '"vlan", "trunk" and "native" (default: off)',
        fallback: 'off',
        rule: rule_1.onOff,
        live: 'lane',
    }),
    option('vlanProtocol', {
        key: 'vlan-protocol',
        placeholder: 'PROTOCOL',
        section: FORWARDING,
        help: 'tags that count: "802.1Q" (type 0x8100) or "802.1ad" (0x88a8); other tags are payload',
        fallback: '802.1Q',
        rule: vlanProtocol,
        live: 'lane',
    }),
    option('vlanDefaultPvid', {
        key: 'vlan-default-pvid',
        placeholder: 'VID',
        section: FORWARDING,
        help: 'VLAN of a port that has no key for VLANs, 1 to 4094; "none": such a port is in no VLAN',
        fallback: '1',
        rule: vid_1.vidOrNone,
        toDocument: (value) => (0, vid_1.formatVidOrNone)(value),
        live: 'lane',
    }),
    option('mcastSnooping', {
        key: 'mcast-snooping',
        section: GROUPS,
        help: 'deliver groups to their members only: IGMP and MLD snooping, which needs a querier on the ' +
            'network or --mcast-querier (default: off)',
        fallback: 'off',
        rule: rule_1.onOff,
        live: 'lane',
    }),
    option('mcastQuerier', {
        key: 'mcast-querier',
        section: GROUPS,
        help: 'ask for members of groups where no other querier does (default: off)',
        fallback: 'off',
        rule: rule_1.onOff,
        live: 'lane',
    }),
    option('mcastIgmpVersion', {
        key: 'mcast-igmp-version',
        placeholder: 'N',
        section: GROUPS,
        help: 'version of IGMP: 2, or 3, which knows sources of groups',
        fallback: '2',
        rule: (0, rule_1.wholeNumber)({ from: 2, to: 3 }),
        live: 'lane',
    }),
    option('mcastMldVersion', {
        key: 'mcast-mld-version',
        placeholder: 'N',
        section: GROUPS,
        help: 'version of MLD: 1, or 2, which knows sources of groups',
        fallback: '1',
        rule: (0, rule_1.wholeNumber)({ from: 1, to: 2 }),
        live: 'lane',
    }),
    option('mcastHashMax', {
        key: 'mcast-hash-max',
        placeholder: 'N',
        section: GROUPS,
        help: 'maximum number of groups, 1 to 65536',
        fallback: '4096',
        rule: (0, rule_1.wholeNumber)({ from: 1, to: 65_536, unit: 'groups' }),
        live: 'lane',
    }),
    option('mcastLastMemberCount', {
        key: 'mcast-last-member-count',
        placeholder: 'N',
        section: GROUPS,
        help: 'number of queries for a group that a host has left, 1 to 255',
        fallback: '2',
        rule: (0, rule_1.wholeNumber)({ from: 1, to: 255, unit: 'queries' }),
        live: 'lane',
    }),
    seconds('mcastLastMemberIntervalMs', {
        key: 'mcast-last-member-interval',
        help: 'time between these queries, 1 to 25',
        fallback: '1',
        range: { from: 1, to: 25 },
    }),
    seconds('mcastMembershipIntervalMs', {
        key: 'mcast-membership-interval',
        help: 'time for which a host is a member after its report, 2 to 86400; 0: two query intervals and ' +
            'one response interval',
        fallback: '0',
        range: { from: 2, to: 86_400, orZero: true },
    }),
    seconds('mcastQuerierIntervalMs', {
        key: 'mcast-querier-interval',
        help: 'time for which another querier is known after its query, 1 to 86400; 0: two query intervals ' +
            'and half a response interval',
        fallback: '0',
        range: { from: 1, to: 86_400, orZero: true },
    }),
    seconds('mcastQueryIntervalMs', {
        key: 'mcast-query-interval',
        help: 'time between two general queries of the switch, 1 to 31744',
        fallback: '125',
        range: { from: 1, to: 31_744 },
    }),
    seconds('mcastQueryResponseIntervalMs', {
        key: 'mcast-query-response-interval',
        help: 'time that hosts may take to answer a general query of the switch, 1 to 25',
        fallback: '10',
        range: { from: 1, to: 25 },
    }),
    option('mcastStartupQueryCount', {
        key: 'mcast-startup-query-count',
        placeholder: 'N',
        section: GROUPS,
        help: 'number of general queries in quick succession when the switch starts to ask, 0 to 255',
        fallback: '2',
        rule: (0, rule_1.wholeNumber)({ from: 0, to: 255, unit: 'queries' }),
        live: 'lane',
    }),
    seconds('mcastStartupQueryIntervalMs', {
        key: 'mcast-startup-query-interval',
        help: 'time between these queries, 1 to 31744; 0: a quarter of the query interval',
        fallback: '0',
        range: { from: 1, to: 31_744, orZero: true },
    }),
    option('loopGuard', {
        key: 'loop-guard',
        placeholder: 'on|off',
        section: FORWARDING,
        help: 'without --stp, shut a port that closes a loop for a while',
        fallback: 'on',
        rule: rule_1.onOff,
        live: 'lane',
    }),
    option('stp', {
        key: 'stp',
        placeholder: 'PROTOCOL',
        section: FORWARDING,
        help: 'spanning tree: "rstp", "stp" (the old protocol alone), or "off"',
        fallback: 'off',
        rule: spanning_tree_1.treeProtocol,
        live: 'lane',
    }),
    option('stpPriority', {
        key: 'stp-priority',
        placeholder: 'N',
        section: FORWARDING,
        help: 'priority of the switch in the spanning tree, 0 to 61440 in steps of 4096; the smallest becomes the root',
        fallback: '32768',
        rule: spanning_tree_1.bridgePriority,
        live: 'lane',
    }),
    option('stpHello', {
        key: 'stp-hello',
        placeholder: 'SECONDS',
        section: FORWARDING,
        help: 'time from one BPDU to the next, 1 to 10',
        fallback: '2',
        rule: (0, rule_1.wholeNumber)({ from: 1, to: 10, unit: 'seconds' }),
        live: 'lane',
    }),
    option('stpMaxAge', {
        key: 'stp-max-age',
        placeholder: 'SECONDS',
        section: FORWARDING,
        help: 'time after which what the root of the spanning tree said is forgotten, 6 to 40',
        fallback: '20',
        rule: (0, rule_1.wholeNumber)({ from: 6, to: 40, unit: 'seconds' }),
        live: 'lane',
    }),
    option('stpForwardDelay', {
        key: 'stp-forward-delay',
        placeholder: 'SECONDS',
        section: FORWARDING,
        help: 'time for which a port listens, and then learns, with STP, 4 to 30',
        fallback: '15',
        rule: (0, rule_1.wholeNumber)({ from: 4, to: 30, unit: 'seconds' }),
        live: 'lane',
    }),
    option('offload', {
        key: 'offload',
        section: DATA_PLANE,
        help: 'plain frames only: no super-frames and no partial checksums (default: offloads on)',
        fallback: 'on',
        rule: rule_1.onOff,
    }),
    option('ioUring', {
        key: 'io-uring',
        section: DATA_PLANE,
        help: 'move frames by read and write (default: by io_uring where the kernel has it)',
        fallback: 'on',
        rule: rule_1.onOff,
    }),
    option('busyPollMicros', {
        key: 'busy-poll',
        placeholder: 'MICROSECONDS',
        section: DATA_PLANE,
        help: 'time for which the data plane spins before it blocks, up to 10000; 0: never',
        fallback: '40',
        rule: (0, rule_1.wholeNumber)({ from: 0, to: 10_000, unit: 'microseconds' }),
        live: 'lane',
    }),
    option('name', {
        key: 'name',
        placeholder: 'NAME',
        section: exports.OPERATION,
        help: "the bridge's name in logs, tables and sockets",
        fallback: 'br0',
        rule: interface_name_1.interfaceName,
    }),
    option('control', {
        key: 'control',
        placeholder: 'PATH',
        section: exports.OPERATION,
        help: 'the control socket; "none" for none (default: /run/tapswitch/NAME.sock)',
        rule: socketPath,
    }),
    option('controlGroup', {
        key: 'control-group',
        placeholder: 'GROUP',
        section: exports.OPERATION,
        help: 'members of this group may open the control socket too, and so administer the network ' +
            "(default: the group of the switch's user)",
        rule: interface_rules_1.account,
    }),
    option('metrics', {
        key: 'metrics',
        placeholder: 'HOST:PORT',
        section: exports.OPERATION,
        help: 'serve /metrics alone at this address, for Prometheus; HOST is an address',
        rule: socket_address_1.tcpAddress,
    }),
    option('user', {
        key: 'user',
        placeholder: 'NAME',
        section: exports.OPERATION,
        help: 'run as this user once the ports are open, with no more rights than adding ports takes ' +
            '(default: the invoking user)',
        rule: interface_rules_1.account,
    }),
    option('logLevel', {
        key: 'log-level',
        placeholder: 'LEVEL',
        section: exports.OPERATION,
        help: 'log to standard error: error, warn, info or debug',
        fallback: 'info',
        rule: logLevel,
        live: 'control',
    }),
    option('logFormat', {
        key: 'log-format',
        placeholder: 'FORMAT',
        section: exports.OPERATION,
        help: 'text or json (default: text on a terminal, else json)',
        rule: logFormat,
    }),
];
/**
 * Fills in the defaults.
 * @param given the sources, in rising order of precedence. A list replaces a list as a whole.
 * @param isTerminal whether standard error is a terminal, so that a person reads the log.
 * @throws ValueError for values that contradict each other.
 */
function completeConfig(given, isTerminal) {
    const defaults = {
        addresses: [],
        neighbours: [],
        stations: [],
        mirrors: [],
        logFormat: isTerminal ? 'text' : 'json',
        ports: [],
    };
    for (const { property, fallback, rule } of exports.CONFIG_OPTIONS) {
        if (fallback !== undefined)
            defaults[property] = rule.fromText(fallback);
    }
    const config = Object.assign(defaults, ...given);
    refuseRepeated(config);
    refuseExcess(config);
    refuseHubThatInspects(config);
    refuseHubThatCounts(config);
    refuseTreeTimes(config);
    refuseOwnStation(config);
    refuseOwnNeighbour(config);
    refuseStrayEntry(config);
    refuseSharedAddress(config);
    return config;
}
function refuseRepeated(config) {
    const lists = exports.CONFIG_OPTIONS.map(({ key, property, identityOf }) => ({
        place: `--${key}`,
        repeated: identityOf && findRepeated(config[property], identityOf),
    }));
    lists.push({ place: 'ports', repeated: findRepeated(config.ports, port_spec_1.portIdentity) });
    for (const { place, repeated } of lists) {
        if (repeated !== undefined)
            throw new rule_1.ValueError(`${place}: ${repeated.complaint}`);
    }
}
function refuseExcess(config) {
    for (const { key, property, limit } of exports.CONFIG_OPTIONS) {
        const excess = limit && (0, list_limit_1.findExcess)(config[property], limit);
        if (excess !== undefined)
            throw new rule_1.ValueError(`--${key}: ${excess.complaint}`);
    }
}
function refuseHubThatInspects({ inspect, ageingMs }) {
    if (!inspect || ageingMs > 0)
        return;
    throw new rule_1.ValueError('--inspect: needs to learn where stations are; give an --ageing other than 0');
}
/** Refuses a limit on the stations of a port where no station is learned. */
function refuseHubThatCounts({ ageingMs, ports }) {
    const counting = ports.find(({ macs }) => macs !== undefined && macs !== 'off');
    if (counting === undefined || ageingMs > 0)
        return;
    throw new rule_1.ValueError(`${(0, port_spec_1.portLabel)(counting)}: macs: counts learned stations; give an --ageing other than 0`);
}
/** Refuses times that do not fit each other: IEEE 802.1D-2004 17.14. */
function refuseTreeTimes({ stpHello, stpMaxAge, stpForwardDelay }) {
    const shortest = 2 * (stpHello + 1);
    const longest = 2 * (stpForwardDelay - 1);
    if (stpMaxAge >= shortest && stpMaxAge <= longest)
        return;
    throw new rule_1.ValueError(`--stp-max-age: expected ${shortest} to ${longest} seconds with --stp-hello ${stpHello} and ` +
        `--stp-forward-delay ${stpForwardDelay}, got ${stpMaxAge}`);
}
/** Refuses the switch's own MAC as a station. A derived MAC is checked when the switch starts. */
function refuseOwnStation({ mac, stations }) {
    if (!stations.some((station) => station.mac === mac))
        return;
    throw new rule_1.ValueError(`--fdb: ${mac}: the switch's own MAC address, which is behind no port`);
}
/** Refuses a binding of an address of the switch: the switch answers for it. */
function refuseOwnNeighbour({ addresses, neighbours }) {
    for (const { address } of neighbours) {
        const objection = ownAddressObjection(addresses, address);
        if (objection !== undefined)
            throw new rule_1.ValueError(`--neigh: ${address}: ${objection}`);
    }
}
/** @returns why an address cannot be bound; `undefined` unless it is one of the switch's own */
function ownAddressObjection(own, wanted) {
    return own.some(({ address }) => address === wanted)
        ? 'an address of the switch itself; bind the address of another host'
        : undefined;
}
/** Refuses an entry for a port that is not configured. With a pattern, the ports' names are not known yet. */
function refuseStrayEntry({ neighbours, stations, mirrors, ports }) {
    const labels = ports.map(port_spec_1.portLabel);
    if (ports.some(({ name }) => (0, interface_name_1.isPattern)(name)))
        return;
    const entries = [
        ...neighbours.map(({ address, port }) => ({ place: `--neigh: ${address}`, port })),
        ...stations.map(({ mac, port }) => ({ place: `--fdb: ${mac}`, port })),
        ...mirrors.flatMap(({ name, from, port: to }) => [...from, to].map((port) => ({ place: `--mirror: ${name}`, port }))),
    ];
    const stray = entries.find(({ port }) => port !== undefined && !labels.includes(port));
    if (stray === undefined)
        return;
    throw new rule_1.ValueError(`${stray.place}: no port ${stray.port}; the ports are: ${labels.join(', ')}`);
}
/** Refuses an address for the switch and for a host at once: both would answer for it. */
function refuseSharedAddress({ addresses, ports }) {
    const complaint = sharedAddress(addresses, ports);
    if (complaint !== undefined)
        throw new rule_1.ValueError(complaint);
}
/** @returns what is wrong where the switch and the interface of a port have one address */
function sharedAddress(addresses, ports) {
    for (const port of ports) {
        for (const text of (port['address'] ?? [])) {
            const shared = addresses.find(({ address }) => address === (0, cidr_1.addressIn)(text));
            if (shared === undefined)
                continue;
            const whose = `an address of the switch itself, and of the interface of ${(0, port_spec_1.portLabel)(port)}`;
            return `address: ${shared.address}: ${whose}; give it to one of them`;
        }
    }
    return undefined;
}
/** @returns the first item that repeats an earlier one. Items without an identity never repeat. */
function findRepeated(items, identityOf) {
    const seen = new Set();
    for (const [index, item] of items.entries()) {
        const identity = identityOf(item);
        if (identity === undefined)
            continue;
        if (seen.has(identity)) {
            return { index, complaint: `${identity} is given twice; once is enough` };
        }
        seen.add(identity);
    }
    return undefined;
}
/** Option of snooping that is a time: seconds for people, milliseconds for the switch. */
function seconds(property, { range, ...rest }) {
    return option(property, {
        ...rest,
        placeholder: 'SECONDS',
        section: GROUPS,
        rule: (0, rule_1.mapRule)((0, rule_1.wholeNumber)({ ...range, unit: 'seconds' }), (value) => value * MS_PER_SECOND),
        toDocument: (ms) => ms / MS_PER_SECOND,
        live: 'lane',
    });
}
/** Makes the compiler check that an option's rule has the type of its property. */
function option(property, rest) {
    return { property, ...rest };
}
