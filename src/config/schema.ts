/**
 * The configuration of a switch: its options, their rules and their defaults. The command line, its help
 * and the configuration file are all made from the table below, so that an option has the same name,
 * the same rule and the same meaning in each.
 */

import { MAX_OWN_ADDRESSES } from '../hosts/own-addresses';
import type { BridgeSettings } from '../l2/settings';
import { type ListLimit, findExcess } from './list-limit';
import { type Cidr, addressIn } from './values/cidr';
import { formatGroupForwardMask, groupForwardMask } from './values/group-forward-mask';
import { interfaceName, isPattern } from './values/interface-name';
import { account } from './values/interface-rules';
import {
  IMPAIRMENT_LIMIT,
  type ImpairmentSpec,
  formatImpairment,
  impairmentIdentity,
  impairmentSpec,
} from './values/impairment';
import { HOOK_LIMIT, type HookSpec, hookFile } from './values/hook-file';
import { type MirrorSpec, formatMirror, mirrorSpec, strayWords } from './values/mirror';
import { type OwnCidr, formatOwnCidr, ownCidr, ownIdentity } from './values/own-address';
import { type PortSettings, type PortSpec, portIdentity, portLabel } from './values/port-spec';
import type { Account } from '../system/accounts';
import { SOCKET_PATH_BYTES_MAX } from '../system/socket-name';
import {
  type Rule,
  ValueError,
  type WholeNumberRange,
  expected,
  mapRule,
  onOff,
  oneOf,
  textRule,
  wholeNumber,
} from './values/rule';
import {
  NEIGHBOUR_LIMIT,
  type StaticNeighbour,
  formatStaticNeighbour,
  neighbourIdentity,
  staticNeighbour,
} from './values/static-neighbour';
import {
  GROUP_LIMIT,
  type StaticGroup,
  formatStaticGroup,
  groupIdentity,
  staticGroup,
} from './values/static-group';
import { tcpAddress } from './values/socket-address';
import {
  STATION_LIMIT,
  type StaticStation,
  formatStaticStation,
  staticStation,
  stationIdentity,
} from './values/static-station';
import { bridgePriority, treeProtocol } from './values/spanning-tree';
import { stationMac } from './values/station-mac';
import { formatVidOrNone, vidOrNone } from './values/vid';

export type { Cidr } from './values/cidr';
export type { PortSpec } from './values/port-spec';

const reserved = oneOf('br0', 'strict');
const fdbEviction = oneOf('fair', 'none');
const vlanProtocol = oneOf('802.1Q', '802.1ad');
const arp = oneOf('answer', 'direct', 'off');
const logLevel = oneOf('error', 'warn', 'info', 'debug');
const logFormat = oneOf('text', 'json');
const hostCount = wholeNumber({ from: 1, to: 2 ** 20, unit: 'hosts' });
const stationCount = wholeNumber({ from: 1, to: 2 ** 24, unit: 'stations' });

const socketPath = textRule('the path of a socket, or none', (text) => {
  const bytes = Buffer.byteLength(text);
  if (bytes > SOCKET_PATH_BYTES_MAX) {
    const what = `the path of a socket, at most ${SOCKET_PATH_BYTES_MAX} bytes, or none`;
    throw expected(what, text, `${bytes} bytes`);
  }
  return text === '' || text.includes('\0') ? undefined : text;
});

type ValueOf<R> = R extends Rule<infer T> ? T : never;

/** Treatment of frames to 01-80-C2-00-00-0X: as the Linux bridge does, or drop them all. */
export type ReservedMode = ValueOf<typeof reserved>;
/** What a new station does where the forwarding database is full: take another's place, or stay unknown. */
export type FdbEviction = ValueOf<typeof fdbEviction>;
/** Treatment of ARP and ND requests for known hosts: answered, sent to the host alone, or flooded. */
export type ArpMode = ValueOf<typeof arp>;
export type LogLevel = ValueOf<typeof logLevel>;
export type LogFormat = ValueOf<typeof logFormat>;

/** Configuration of a switch. Settings of the bridge, which a reload changes, are in `BridgeSettings`. */
export interface SwitchConfig extends BridgeSettings {
  /** Name of the bridge in logs, tables and sockets. */
  readonly name: string;
  /** MAC address of the switch; without it, one is derived from the machine and the name. */
  readonly mac?: string;
  /** IP addresses of the switch itself. */
  readonly addresses: readonly OwnCidr[];
  /** Maximum number of dynamic FDB entries. */
  readonly fdbMax: number;
  /** Maximum number of dynamic FDB entries on one port; without it, only fair eviction limits a port. */
  readonly fdbMaxPerPort?: number;
  readonly fdbEviction: FdbEviction;
  readonly reserved: ReservedMode;
  /** Maximum number of known hosts, of IPv4 and of IPv6 each. */
  readonly neighMax: number;
  /** Static bindings of IP addresses to hosts. */
  readonly neighbours: readonly StaticNeighbour[];
  /** Static and sticky FDB entries. */
  readonly stations: readonly StaticStation[];
  /** Permanent entries of the group table. */
  readonly groups: readonly StaticGroup[];
  /** Copies of the frames of some ports for another port. */
  readonly mirrors: readonly MirrorSpec[];
  /** Faults that frames of some ports meet. */
  readonly impairments: readonly ImpairmentSpec[];
  /** Programs on the frame path. */
  readonly hooks: readonly HookSpec[];
  /** Whether ports have offloads, unless they say otherwise themselves. */
  readonly offload: boolean;
  /** Whether frames move through io_uring where the kernel has it. */
  readonly ioUring: boolean;
  /** Microseconds for which the data plane spins before it blocks; 0: it never spins. */
  readonly busyPollMicros: number;
  /** Path of the control socket, or `none`; by default the socket is named after the bridge. */
  readonly control?: string;
  /** `HOST:PORT` at which `/metrics` is served; without it, only the control socket serves it. */
  readonly metrics?: string;
  /** Group whose members may open the control socket; without it, the group of the switch's user. */
  readonly controlGroup?: Account;
  /** User that the switch becomes once the ports are open; without it, the user who started it. */
  readonly user?: Account;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  readonly ports: readonly PortSpec[];
}

/** One option: a line of the table. */
export interface ConfigOption {
  readonly property: Exclude<keyof SwitchConfig, 'ports'>;
  /** Name of the option without its dashes, which is also its key in a file. */
  readonly key: string;
  /**
   * Placeholder of the value in the help. An option without one is a flag, and the help shows the form that
   * is not the default.
   */
  readonly placeholder?: string;
  readonly section: string;
  readonly help: string;
  /** Default value, written as an argument. */
  readonly fallback?: string;
  /** Rule of the value, or of one item where the option may be repeated. */
  readonly rule: Rule<unknown>;
  /** Value, or one item, as a file has it. Without this function, the file has the value itself. */
  readonly toDocument?: (value: unknown) => unknown;
  /**
   * Place where a running switch takes a new value: in the lane, by `configure`, or in the control plane,
   * by a step of the reload. Without it, only a restart changes the option.
   */
  readonly live?: 'lane' | 'control';
  /** Text that no two items may share; only for an option that may be repeated. */
  readonly identityOf?: (item: unknown) => string;
  /** Limit of the list; only for an option that may be repeated. */
  readonly limit?: ListLimit<unknown>;
}

const MS_PER_SECOND = 1000;

/** Limit of the switch's own addresses: both families share it. */
const ADDRESS_LIMIT: ListLimit<unknown> = {
  max: MAX_OWN_ADDRESSES,
  groupOf: () => 'addresses',
  limitText: () => `${MAX_OWN_ADDRESSES} addresses at most`,
};

const ADDRESSES = 'Addresses';
const FORWARDING = 'Forwarding';
const GROUPS = 'Multicast groups';
const DATA_PLANE = 'Data plane';
export const OPERATION = 'Operation';

export const CONFIG_OPTIONS: readonly ConfigOption[] = [
  option('addresses', {
    key: 'address',
    placeholder: 'CIDR',
    section: ADDRESSES,
    help:
      'an address of the switch itself, IPv4 or IPv6, such as 192.0.2.1/24, for which it ' +
      'answers ARP and ping; repeatable, 64 at most (default: none)',
    rule: ownCidr,
    identityOf: (item) => ownIdentity(item as OwnCidr),
    limit: ADDRESS_LIMIT,
    toDocument: (item) => formatOwnCidr(item as OwnCidr),
    live: 'control',
  }),
  option('mac', {
    key: 'mac',
    placeholder: 'ADDR',
    section: ADDRESSES,
    help: "the switch's own MAC address (default: derived from this machine and --name)",
    rule: stationMac,
  }),
  option('arp', {
    key: 'arp',
    placeholder: 'MODE',
    section: ADDRESSES,
    help:
      'ARP and ND requests for known hosts: "answer" them, send them to that host alone ' +
      '("direct"), or flood them ("off")',
    fallback: 'answer',
    rule: arp,
    live: 'lane',
  }),
  option('neighLifeMs', {
    key: 'neigh-lifetime',
    placeholder: 'SECONDS',
    section: ADDRESSES,
    help:
      'how long the binding of a host to its address is valid, 15 to 86400; the switch verifies it ' +
      'before half of that time is over',
    fallback: '60',
    rule: mapRule(
      wholeNumber({ from: 15, to: 86_400, unit: 'seconds' }),
      (seconds) => seconds * MS_PER_SECOND,
    ),
    toDocument: (lifeMs) => (lifeMs as number) / MS_PER_SECOND,
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
    help:
      'bind an address to a station permanently, on one port or on any: "192.0.2.7 lladdr ' +
      '02:00:00:00:00:07 dev tap1"; repeatable (default: none)',
    rule: staticNeighbour,
    identityOf: (item) => neighbourIdentity(item as StaticNeighbour),
    limit: NEIGHBOUR_LIMIT as ListLimit<unknown>,
    toDocument: (item) => formatStaticNeighbour(item as StaticNeighbour),
    live: 'control',
  }),
  option('inspect', {
    key: 'inspect',
    section: ADDRESSES,
    help:
      'inspect ARP, ND and DHCP on every port that is not "trusted", and drop forged frames ' +
      '(default: off)',
    fallback: 'off',
    rule: onOff,
    live: 'lane',
  }),
  option('ageingMs', {
    key: 'ageing',
    placeholder: 'SECONDS',
    section: FORWARDING,
    help: 'time after which a silent station is forgotten, 10 to 1000000; 0 makes a hub',
    fallback: '300',
    rule: mapRule(
      wholeNumber({ from: 10, to: 1_000_000, orZero: true, unit: 'seconds' }),
      (seconds) => seconds * MS_PER_SECOND,
    ),
    toDocument: (ageingMs) => (ageingMs as number) / MS_PER_SECOND,
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
  option('fdbEviction', {
    key: 'fdb-eviction',
    placeholder: 'MODE',
    section: FORWARDING,
    help:
      'a new station of a full forwarding database: it takes the place of a silent one of the port that ' +
      'has most ("fair"), or it is not learned, as on a Linux bridge ("none")',
    fallback: 'fair',
    rule: fdbEviction,
  }),
  option('stations', {
    key: 'fdb',
    placeholder: 'ENTRY',
    section: FORWARDING,
    help:
      'place a station behind a port: "02:00:00:00:00:07 dev tap1 static" never moves or ages, ' +
      '"sticky" instead of "static" ages; repeatable (default: none)',
    rule: staticStation,
    identityOf: (item) => stationIdentity(item as StaticStation),
    limit: STATION_LIMIT as ListLimit<unknown>,
    toDocument: (item) => formatStaticStation(item as StaticStation),
    live: 'control',
  }),
  option('mirrors', {
    key: 'mirror',
    placeholder: 'MIRROR',
    section: FORWARDING,
    help:
      'copy frames of ports to another port: "m1 from tap0,tap1 in to tap9"; also "out" or "both", ' +
      '"vlan VID", "filter WORDS", and "shared" at the end; repeatable (default: none)',
    rule: mirrorSpec,
    identityOf: (item) => (item as MirrorSpec).name,
    toDocument: (item) => formatMirror(item as MirrorSpec),
    live: 'control',
  }),
  option('impairments', {
    key: 'impair',
    placeholder: 'IMPAIRMENT',
    section: FORWARDING,
    help:
      'impair frames from a port ("in") or to it ("out"), in words of tc-netem: "tap0 out delay 10ms 2ms ' +
      'loss 1%"; also "match WORDS", "nth N", "every N", "at 5s", "for 10s", "seed N"; repeatable (default: none)',
    rule: impairmentSpec,
    identityOf: (item) => impairmentIdentity(item as ImpairmentSpec),
    limit: IMPAIRMENT_LIMIT as ListLimit<unknown>,
    toDocument: (item) => formatImpairment(item as ImpairmentSpec),
    live: 'control',
  }),
  option('hooks', {
    key: 'hook',
    placeholder: 'FILE',
    section: FORWARDING,
    help: 'load a JavaScript module that decides about frames (docs/hooks.md); repeatable (default: none)',
    rule: hookFile,
    identityOf: (item) => (item as HookSpec).name,
    limit: HOOK_LIMIT,
    toDocument: (item) => (item as HookSpec).file,
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
    help:
      'forward frames to 01-80-C2-00-00-0X for each bit X of the mask, whatever --reserved says: ' +
      '0x4005 for STP, LACP and LLDP',
    fallback: '0x0',
    rule: groupForwardMask,
    toDocument: (mask) => formatGroupForwardMask(mask as number),
    live: 'lane',
  }),
  option('vlanFiltering', {
    key: 'vlan-filtering',
    section: FORWARDING,
    help:
      'divide the ports by VLAN: a frame reaches members of its VLAN only; the keys of a port are ' +
      '"vlan", "trunk" and "native" (default: off)',
    fallback: 'off',
    rule: onOff,
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
    rule: vidOrNone,
    toDocument: (value) => formatVidOrNone(value as number),
    live: 'lane',
  }),
  option('mcastSnooping', {
    key: 'mcast-snooping',
    section: GROUPS,
    help:
      'deliver groups to their members only: IGMP and MLD snooping, which needs a querier on the ' +
      'network or --mcast-querier (default: off)',
    fallback: 'off',
    rule: onOff,
    live: 'lane',
  }),
  option('groups', {
    key: 'mdb',
    placeholder: 'ENTRY',
    section: GROUPS,
    help:
      'have a port get a group, as tapctl mdb add does: "239.1.1.1 dev tap1 permanent"; also "src IP", ' +
      '"vlan VID", "filter_mode include source_list IP,IP"; needs --mcast-snooping; repeatable (default: none)',
    rule: staticGroup,
    identityOf: (item) => groupIdentity(item as StaticGroup),
    limit: GROUP_LIMIT as ListLimit<unknown>,
    toDocument: (item) => formatStaticGroup(item as StaticGroup),
    live: 'control',
  }),
  option('mcastQuerier', {
    key: 'mcast-querier',
    section: GROUPS,
    help: 'ask for members of groups where no other querier does (default: off)',
    fallback: 'off',
    rule: onOff,
    live: 'lane',
  }),
  option('mcastIgmpVersion', {
    key: 'mcast-igmp-version',
    placeholder: 'N',
    section: GROUPS,
    help: 'version of IGMP: 2, or 3, which knows sources of groups',
    fallback: '2',
    rule: wholeNumber({ from: 2, to: 3 }),
    live: 'lane',
  }),
  option('mcastMldVersion', {
    key: 'mcast-mld-version',
    placeholder: 'N',
    section: GROUPS,
    help: 'version of MLD: 1, or 2, which knows sources of groups',
    fallback: '1',
    rule: wholeNumber({ from: 1, to: 2 }),
    live: 'lane',
  }),
  option('mcastHashMax', {
    key: 'mcast-hash-max',
    placeholder: 'N',
    section: GROUPS,
    help: 'maximum number of groups, 1 to 65536',
    fallback: '4096',
    rule: wholeNumber({ from: 1, to: 65_536, unit: 'groups' }),
    live: 'lane',
  }),
  option('mcastLastMemberCount', {
    key: 'mcast-last-member-count',
    placeholder: 'N',
    section: GROUPS,
    help: 'number of queries for a group that a host has left, 1 to 255',
    fallback: '2',
    rule: wholeNumber({ from: 1, to: 255, unit: 'queries' }),
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
    help:
      'time for which a host is a member after its report, 2 to 86400; 0: two query intervals and ' +
      'one response interval',
    fallback: '0',
    range: { from: 2, to: 86_400, orZero: true },
  }),
  seconds('mcastQuerierIntervalMs', {
    key: 'mcast-querier-interval',
    help:
      'time for which another querier is known after its query, 1 to 86400; 0: two query intervals ' +
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
    rule: wholeNumber({ from: 0, to: 255, unit: 'queries' }),
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
    rule: onOff,
    live: 'lane',
  }),
  option('stp', {
    key: 'stp',
    placeholder: 'PROTOCOL',
    section: FORWARDING,
    help: 'spanning tree: "rstp", "stp" (the old protocol alone), or "off"',
    fallback: 'off',
    rule: treeProtocol,
    live: 'lane',
  }),
  option('stpPriority', {
    key: 'stp-priority',
    placeholder: 'N',
    section: FORWARDING,
    help: 'priority of the switch in the spanning tree, 0 to 61440 in steps of 4096; the smallest becomes the root',
    fallback: '32768',
    rule: bridgePriority,
    live: 'lane',
  }),
  option('stpHello', {
    key: 'stp-hello',
    placeholder: 'SECONDS',
    section: FORWARDING,
    help: 'time from one BPDU to the next, 1 to 10',
    fallback: '2',
    rule: wholeNumber({ from: 1, to: 10, unit: 'seconds' }),
    live: 'lane',
  }),
  option('stpMaxAge', {
    key: 'stp-max-age',
    placeholder: 'SECONDS',
    section: FORWARDING,
    help: 'time after which what the root of the spanning tree said is forgotten, 6 to 40',
    fallback: '20',
    rule: wholeNumber({ from: 6, to: 40, unit: 'seconds' }),
    live: 'lane',
  }),
  option('stpForwardDelay', {
    key: 'stp-forward-delay',
    placeholder: 'SECONDS',
    section: FORWARDING,
    help: 'time for which a port listens, and then learns, with STP, 4 to 30',
    fallback: '15',
    rule: wholeNumber({ from: 4, to: 30, unit: 'seconds' }),
    live: 'lane',
  }),
  option('offload', {
    key: 'offload',
    section: DATA_PLANE,
    help: 'plain frames only: no super-frames and no partial checksums (default: offloads on)',
    fallback: 'on',
    rule: onOff,
  }),
  option('ioUring', {
    key: 'io-uring',
    section: DATA_PLANE,
    help: 'move frames by read and write (default: by io_uring where the kernel has it)',
    fallback: 'on',
    rule: onOff,
  }),
  option('busyPollMicros', {
    key: 'busy-poll',
    placeholder: 'MICROSECONDS',
    section: DATA_PLANE,
    help: 'time for which the data plane spins before it blocks, up to 10000; 0: never',
    fallback: '40',
    rule: wholeNumber({ from: 0, to: 10_000, unit: 'microseconds' }),
    live: 'lane',
  }),
  option('name', {
    key: 'name',
    placeholder: 'NAME',
    section: OPERATION,
    help: "the bridge's name in logs, tables and sockets",
    fallback: 'br0',
    rule: interfaceName,
  }),
  option('control', {
    key: 'control',
    placeholder: 'PATH',
    section: OPERATION,
    help: 'the control socket; "none" for none (default: /run/tapswitch/NAME.sock)',
    rule: socketPath,
  }),
  option('controlGroup', {
    key: 'control-group',
    placeholder: 'GROUP',
    section: OPERATION,
    help:
      'members of this group may open the control socket too, and so administer the network ' +
      "(default: the group of the switch's user)",
    rule: account,
  }),
  option('metrics', {
    key: 'metrics',
    placeholder: 'HOST:PORT',
    section: OPERATION,
    help: 'serve /metrics alone at this address, for Prometheus; HOST is an address',
    rule: tcpAddress,
  }),
  option('user', {
    key: 'user',
    placeholder: 'NAME',
    section: OPERATION,
    help:
      'run as this user once the ports are open, with no more rights than adding ports takes ' +
      '(default: the invoking user)',
    rule: account,
  }),
  option('logLevel', {
    key: 'log-level',
    placeholder: 'LEVEL',
    section: OPERATION,
    help: 'log to standard error: error, warn, info or debug',
    fallback: 'info',
    rule: logLevel,
    live: 'control',
  }),
  option('logFormat', {
    key: 'log-format',
    placeholder: 'FORMAT',
    section: OPERATION,
    help: 'text or json (default: text on a terminal, else json)',
    rule: logFormat,
  }),
];

/** Values given by one source. Each has passed its rule. */
export type GivenConfig = Partial<SwitchConfig>;

/**
 * Fills in the defaults.
 * @param given the sources, in rising order of precedence. A list replaces a list as a whole.
 * @param isTerminal whether standard error is a terminal, so that a person reads the log.
 * @throws ValueError for values that contradict each other.
 */
export function completeConfig(given: readonly GivenConfig[], isTerminal: boolean): SwitchConfig {
  const defaults: Record<string, unknown> = {
    addresses: [],
    neighbours: [],
    stations: [],
    groups: [],
    mirrors: [],
    impairments: [],
    hooks: [],
    logFormat: isTerminal ? 'text' : 'json',
    ports: [],
  };
  for (const { property, fallback, rule } of CONFIG_OPTIONS) {
    if (fallback !== undefined) defaults[property] = rule.fromText(fallback);
  }
  const config = Object.assign(defaults, ...given) as SwitchConfig;
  refuseRepeated(config);
  refuseExcess(config);
  refuseHubThatInspects(config);
  refuseHubThatCounts(config);
  refuseTreeTimes(config);
  refuseOwnStation(config);
  refuseOwnNeighbour(config);
  refuseUnusedGroups(config);
  refuseStrayEntry(config);
  refuseSharedAddress(config);
  return config;
}

function refuseRepeated(config: SwitchConfig): void {
  const lists = CONFIG_OPTIONS.map(({ key, property, identityOf }) => ({
    place: `--${key}`,
    repeated: identityOf && findRepeated(config[property] as readonly unknown[], identityOf),
  }));
  lists.push({ place: 'ports', repeated: findRepeated(config.ports, portIdentity) });
  for (const { place, repeated } of lists) {
    if (repeated !== undefined) throw new ValueError(`${place}: ${repeated.complaint}`);
  }
}

function refuseExcess(config: SwitchConfig): void {
  for (const { key, property, limit } of CONFIG_OPTIONS) {
    const excess = limit && findExcess(config[property] as readonly unknown[], limit);
    if (excess !== undefined) throw new ValueError(`--${key}: ${excess.complaint}`);
  }
}

function refuseHubThatInspects({ inspect, ageingMs }: SwitchConfig): void {
  if (!inspect || ageingMs > 0) return;
  throw new ValueError(
    '--inspect: needs to learn where stations are; give an --ageing other than 0',
  );
}

/** Refuses a limit on the stations of a port where no station is learned. */
function refuseHubThatCounts({ ageingMs, ports }: SwitchConfig): void {
  const counting = ports.find(({ macs }) => macs !== undefined && macs !== 'off');
  if (counting === undefined || ageingMs > 0) return;
  throw new ValueError(
    `${portLabel(counting)}: macs: counts learned stations; give an --ageing other than 0`,
  );
}

/** Refuses times that do not fit each other: IEEE 802.1D-2004 17.14. */
function refuseTreeTimes({ stpHello, stpMaxAge, stpForwardDelay }: SwitchConfig): void {
  const shortest = 2 * (stpHello + 1);
  const longest = 2 * (stpForwardDelay - 1);
  if (stpMaxAge >= shortest && stpMaxAge <= longest) return;
  throw new ValueError(
    `--stp-max-age: expected ${shortest} to ${longest} seconds with --stp-hello ${stpHello} and ` +
      `--stp-forward-delay ${stpForwardDelay}, got ${stpMaxAge}`,
  );
}

/** Refuses the switch's own MAC as a station. A derived MAC is checked when the switch starts. */
function refuseOwnStation({ mac, stations }: SwitchConfig): void {
  if (!stations.some((station) => station.mac === mac)) return;
  throw new ValueError(`--fdb: ${mac}: the switch's own MAC address, which is behind no port`);
}

/** Refuses a binding of an address of the switch: the switch answers for it. */
function refuseOwnNeighbour({ addresses, neighbours }: SwitchConfig): void {
  for (const { address } of neighbours) {
    const objection = ownAddressObjection(addresses, address);
    if (objection !== undefined) throw new ValueError(`--neigh: ${address}: ${objection}`);
  }
}

/** @returns why an address cannot be bound; `undefined` unless it is one of the switch's own */
export function ownAddressObjection(
  own: readonly Pick<Cidr, 'address'>[],
  wanted: string,
): string | undefined {
  return own.some(({ address }) => address === wanted)
    ? 'an address of the switch itself; bind the address of another host'
    : undefined;
}

/** Refuses entries of groups where groups are not snooped. */
function refuseUnusedGroups({ groups: [first], mcastSnooping }: SwitchConfig): void {
  if (first === undefined || mcastSnooping) return;
  throw new ValueError(`--mdb: ${first.group}: groups are not snooped; give --mcast-snooping`);
}

/** Refuses an entry for a port that is not configured. With a pattern, the ports' names are not known yet. */
function refuseStrayEntry(config: SwitchConfig): void {
  const { groups, impairments, neighbours, stations, mirrors, ports } = config;
  const labels = ports.map(portLabel);
  for (const port of ports) refuseOwnBackup(port);
  if (ports.some(({ name }) => isPattern(name))) return;
  const entries: { place: string; port: string | undefined; complaint?: string | undefined }[] = [
    ...neighbours.map(({ address, port }) => ({ place: `--neigh: ${address}`, port })),
    ...stations.map(({ mac, port }) => ({ place: `--fdb: ${mac}`, port })),
    ...groups.map(({ group, port }) => ({ place: `--mdb: ${group}`, port })),
    ...mirrors.flatMap(({ name, from, port: to }) => {
      const place = `--mirror: ${name}`;
      return [
        ...from.map((port) => ({ place, port, complaint: strayWords('from', port, labels) })),
        { place, port: to, complaint: strayWords('to', to, labels) },
      ];
    }),
    ...impairments.map(({ port }) => ({ place: '--impair', port })),
    ...ports.map((spec) => ({ place: `${portLabel(spec)}: backup`, port: backupOf(spec) })),
  ];
  const stray = entries.find(({ port }) => port !== undefined && !labels.includes(port));
  if (stray === undefined) return;
  const { place, port, complaint = `no port ${port}; the ports are: ${labels.join(', ')}` } = stray;
  throw new ValueError(`${place}: ${complaint}`);
}

/** Refuses a port that would take over for itself. */
function refuseOwnBackup(port: PortSpec): void {
  const label = portLabel(port);
  if (backupOf(port) !== label) return;
  throw new ValueError(`${label}: backup: a port cannot take over for itself`);
}

/** @returns the label of the port that takes over for a port with these settings */
export function backupOf({ backup = 'off' }: PortSettings): string | undefined {
  return backup === 'off' ? undefined : (backup as string);
}

/** Refuses an address for the switch and for a host at once: both would answer for it. */
function refuseSharedAddress({ addresses, ports }: SwitchConfig): void {
  const complaint = sharedAddress(addresses, ports);
  if (complaint !== undefined) throw new ValueError(complaint);
}

/** @returns what is wrong where the switch and the interface of a port have one address */
export function sharedAddress(
  addresses: readonly Pick<Cidr, 'address'>[],
  ports: readonly PortSpec[],
): string | undefined {
  for (const port of ports) {
    for (const text of (port['address'] ?? []) as readonly string[]) {
      const shared = addresses.find(({ address }) => address === addressIn(text));
      if (shared === undefined) continue;
      const whose = `an address of the switch itself, and of the interface of ${portLabel(port)}`;
      return `address: ${shared.address}: ${whose}; give it to one of them`;
    }
  }
  return undefined;
}

/** @returns the first item that repeats an earlier one. Items without an identity never repeat. */
export function findRepeated<T>(
  items: readonly T[],
  identityOf: (item: T) => string | undefined,
): { readonly index: number; readonly complaint: string } | undefined {
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const identity = identityOf(item);
    if (identity === undefined) continue;
    if (seen.has(identity)) {
      return { index, complaint: `${identity} is given twice; once is enough` };
    }
    seen.add(identity);
  }
  return undefined;
}

type ItemOf<V> = V extends readonly (infer T)[] ? T : V;

/** Option of snooping that is a time: seconds for people, milliseconds for the switch. */
function seconds(
  property: Extract<ConfigOption['property'], `mcast${string}Ms`>,
  {
    range,
    ...rest
  }: Pick<ConfigOption, 'key' | 'help' | 'fallback'> & { readonly range: WholeNumberRange },
): ConfigOption {
  return option(property, {
    ...rest,
    placeholder: 'SECONDS',
    section: GROUPS,
    rule: mapRule(wholeNumber({ ...range, unit: 'seconds' }), (value) => value * MS_PER_SECOND),
    toDocument: (ms) => (ms as number) / MS_PER_SECOND,
    live: 'lane',
  });
}

/** Makes the compiler check that an option's rule has the type of its property. */
function option<P extends ConfigOption['property']>(
  property: P,
  rest: Omit<ConfigOption, 'property' | 'rule'> & {
    readonly rule: Rule<ItemOf<Exclude<SwitchConfig[P], undefined>>>;
  },
): ConfigOption {
  return { property, ...rest };
}
