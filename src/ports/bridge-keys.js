"use strict";
/**
 * Keys that ports of every kind have, because the bridge acts on them. One line here adds a key to the
 * command line, the file, `tapctl port set`, a reload, the API, `tapctl port show`, and the copy of the
 * bridge that a trace runs.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.BRIDGE_KEYS = void 0;
exports.bridgeSettings = bridgeSettings;
exports.refuseContradiction = refuseContradiction;
const rule_1 = require("../config/values/rule");
const mac_list_1 = require("../config/values/mac-list");
const number_or_off_1 = require("../config/values/number-or-off");
const routers_1 = require("../mcast/routers");
const spanning_tree_1 = require("../config/values/spanning-tree");
const vlan_keys_1 = require("./vlan-keys");
const stormLimit = (0, number_or_off_1.numberOrOff)({ from: 0, to: 1_000_000_000, unit: 'frames per second' });
exports.BRIDGE_KEYS = new Map([
    [
        'trusted',
        {
            rule: rule_1.onOff,
            help: 'the port is not inspected: for a router, a DHCP server or another switch',
            fallback: false,
            isAlwaysShown: true,
            toBridge: (isTrusted) => ({ isTrusted }),
        },
    ],
    [
        'neigh-suppress',
        {
            rule: rule_1.onOff,
            placeholder: 'off',
            help: 'the port gets every ARP and ND request, also those that the switch answers: for a backup ' +
                'link with an ARP monitor',
            fallback: true,
            toBridge: (isSuppressed) => ({ hearsRequests: !isSuppressed }),
        },
    ],
    flag('isolated', 'isolated', false, 'no frame passes between two ports that are isolated'),
    flag('learning', 'learning', true, 'stations are learned on the port'),
    flag('flood', 'flood', true, 'the port gets frames to stations that the switch does not know'),
    flag('mcast-flood', 'mcastFlood', true, 'the port gets multicasts'),
    flag('bcast-flood', 'bcastFlood', true, 'the port gets broadcasts'),
    flag('hairpin', 'hairpin', false, 'frames may go back to the port from which they came'),
    flag('locked', 'locked', false, 'the switch takes frames from stations only that the FDB has on the port'),
    limit('storm', 'storm', 'broadcasts, multicasts and frames to unknown stations'),
    limit('storm-broadcast', 'stormBroadcast', 'broadcasts'),
    limit('storm-multicast', 'stormMulticast', 'multicasts'),
    limit('storm-unknown', 'stormUnknown', 'frames to unknown stations'),
    [
        'macs',
        {
            rule: (0, number_or_off_1.numberOrOff)({ from: 1, to: 65_536, unit: 'stations' }),
            placeholder: 'N',
            help: 'number of stations that may send from the port; static entries do not count',
            fallback: 'off',
            toBridge: (macs) => ({ macs: macs === 'off' ? null : macs }),
        },
    ],
    [
        'mac-allow',
        {
            rule: mac_list_1.macList,
            placeholder: 'MAC+MAC',
            help: 'stations that may send from the port, and no others',
            fallback: 'off',
            toBridge: (list) => ({ macAllow: list === 'off' ? null : list }),
        },
    ],
    [
        'violation',
        {
            rule: (0, rule_1.oneOf)('drop', 'shutdown'),
            placeholder: 'drop|shutdown',
            help: 'what happens if another station sends: its frames are dropped, or the port is shut',
            fallback: 'drop',
            toBridge: (violation) => ({ violation }),
        },
    ],
    [
        'shut',
        {
            rule: rule_1.onOff,
            placeholder: 'on|off',
            help: 'whether the port is shut, by port security or by hand; "off" opens it',
            when: 'open',
            fallback: false,
            toBridge: (isShut) => ({ isShut }),
        },
    ],
    [
        'mcast-router',
        {
            rule: (0, rule_1.wholeNumber)({ from: routers_1.RouterMode.Never, to: routers_1.RouterMode.Always }),
            placeholder: 'N',
            help: 'whether a multicast router is behind the port, which then gets every group: 0 never, 1 as ' +
                'long as one is heard, 2 always',
            fallback: routers_1.RouterMode.Auto,
            toBridge: (mcastRouter) => ({ mcastRouter }),
        },
    ],
    [
        'fastleave',
        {
            rule: rule_1.onOff,
            isFlag: true,
            help: 'a group ends at once when a host behind the port leaves it: for a port with one host',
            fallback: false,
            toBridge: (fastLeave) => ({ fastLeave }),
        },
    ],
    [
        'mcast-max-groups',
        {
            rule: (0, rule_1.wholeNumber)({ from: 0, to: 65_536, unit: 'groups' }),
            placeholder: 'N',
            help: 'number of groups that hosts behind the port may join; 0 for no limit',
            fallback: 0,
            toBridge: (mcastMaxGroups) => ({ mcastMaxGroups }),
        },
    ],
    [
        'stp-cost',
        {
            rule: spanning_tree_1.pathCost,
            placeholder: 'N',
            help: 'cost of the port in the spanning tree, 1 to 200000000 (default: 20000)',
            fallback: 'auto',
            toBridge: (cost) => ({ stpCost: cost === 'auto' ? 0 : cost }),
        },
    ],
    [
        'stp-priority',
        {
            rule: spanning_tree_1.portPriority,
            placeholder: 'N',
            help: 'priority of the port in the spanning tree, 0 to 240 in steps of 16 (default: 128)',
            fallback: 128,
            toBridge: (stpPortPriority) => ({ stpPortPriority }),
        },
    ],
    [
        'stp-edge',
        {
            rule: spanning_tree_1.edge,
            placeholder: 'auto|on|off',
            help: 'whether the port forwards at once, for hosts; "auto": the port finds out (default: auto)',
            fallback: 'auto',
            toBridge: (stpEdge) => ({ stpEdge }),
        },
    ],
    guard('bpdu-guard', 'bpduGuard', 'a BPDU shuts the port, until its link or this key is set anew'),
    guard('bpdu-filter', 'bpduFilter', 'the port sends no BPDU and hears none: a loop there stays'),
    guard('root-guard', 'rootGuard', 'the port never leads to the root of the spanning tree'),
    ...Object.entries(vlan_keys_1.VLAN_KEYS).map(([key, words]) => [
        key,
        // The keys are one setting of the bridge: see `bridgeSettings`.
        { ...words, toBridge: () => ({}) },
    ]),
]);
/** @param valueOf the value that a key has */
function bridgeSettings(valueOf) {
    const settings = { vlans: (0, vlan_keys_1.portVlans)(valueOf) };
    for (const [key, { toBridge }] of exports.BRIDGE_KEYS) {
        Object.assign(settings, toBridge(valueOf(key)));
    }
    return settings;
}
/**
 * @param valueOf the value that a key of a port has, or will have
 * @throws ValueError that names the key, for values that contradict each other
 */
function refuseContradiction(valueOf) {
    (0, vlan_keys_1.refuseContradictingVlans)(valueOf);
    const macs = valueOf('macs') ?? 'off';
    if (macs !== 'off' && valueOf('learning') === false) {
        throw new rule_1.ValueError('macs: counts learned stations; give it learning=on, or leave it out');
    }
}
/** A storm limit. @param what frames that it limits */
function limit(key, property, what) {
    return [
        key,
        {
            rule: stormLimit,
            placeholder: 'PPS',
            help: `${what} that the port may send in a second, and at once`,
            fallback: 'off',
            toBridge: (value) => ({ [property]: value === 'off' ? null : value }),
        },
    ];
}
/** A guard of the spanning tree, which is off unless given. */
function guard(key, property, help) {
    const toBridge = (value) => ({ [property]: value });
    return [key, { ...{ rule: rule_1.onOff, help, fallback: false, isFlag: true }, toBridge }];
}
/** A flag of `bridge link set`, under the same name. */
function flag(key, property, fallback, help) {
    const isFlag = !fallback;
    return [
        key,
        {
            ...{ rule: rule_1.onOff, help, fallback },
            ...(isFlag ? { isFlag } : { placeholder: 'off' }),
            toBridge: (value) => ({ [property]: value }),
        },
    ];
}
