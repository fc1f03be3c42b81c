/**
 * The API's answers: types for the server and its clients, and the schemas of the OpenAPI document.
 * Answers are not checked against them while the switch runs.
 *
 * The keys are the names of the options, and the keys of iproute2.
 */

import { z } from 'zod';
import { BRIDGE_KEYS } from '../ports/bridge-keys';
import { PORT_ORIGINS } from '../ports/port';
import { TREE_STATES } from '../stp/tree-state';

const mac = z.string().describe('02:00:00:00:00:01');
const portName = z
  .string()
  .describe('what was asked for: [KIND:]NAME[@NETNS], a TAP without its kind');

/** An object whose schema has a name in the OpenAPI document. */
function named<S extends z.ZodRawShape>(id: string, shape: S) {
  return z.object(shape).meta({ id });
}

/** Keys that ports of every kind have, because the bridge acts on them. */
const bridgeKeys = Object.fromEntries(
  [...BRIDGE_KEYS].map(([key, { rule, help }]) => [
    key,
    z.unknown().meta({ ...rule.schema, description: help }),
  ]),
);

export const mirrorShape = named('Mirror', {
  name: z.string(),
  from: z.array(portName).describe('ports whose frames are copied'),
  direction: z
    .enum(['in', 'out', 'both'])
    .describe('in: what the ports give the switch; out: what the switch gives them'),
  vlan: z.int().optional().describe('VLAN of the frames; absent: every VLAN'),
  filter: z.string().optional().describe('words of tcpdump; absent: every frame'),
  to: portName,
  shared: z.boolean().describe('whether the target stays an ordinary port'),
  copies: z.int().describe('frames that were copied'),
  lost: z.int().describe('frames that were not, because the target was down'),
});
export type MirrorBody = z.infer<typeof mirrorShape>;

export const impairmentShape = named('Impairment', {
  port: portName,
  direction: z.enum(['in', 'out']).describe('in: frames from the port; out: frames to the port'),
  words: z.string().describe('what happens, in the words of tc-netem: delay 10ms 2ms loss 1%'),
  match: z.string().optional().describe('words of tcpdump; absent: every frame'),
  nth: z.int().optional().describe('the one frame of those that match'),
  every: z.int().optional().describe('each frame of this number, of those that match'),
  at: z.string().optional().describe('time after which it begins'),
  for: z.string().optional().describe('time after which it ends'),
  seed: z.int().describe('seed of the fates: the same seed and frames give the same result'),
  state: z.enum(['waiting', 'active', 'ended']),
  frames: z
    .int()
    .describe('frames that match; this and all below count the segments of a super-frame'),
  held: z.int().describe('frames that are held now'),
  lost: z.int(),
  duplicated: z.int(),
  corrupted: z.int(),
  reordered: z.int().describe('frames that went ahead of those that are held'),
  full: z.int().describe('frames that were dropped, because too many were held'),
});
export type ImpairmentBody = z.infer<typeof impairmentShape>;
export const hookShape = named('Hook', {
  name: z.string().describe('name of the file without its extension'),
  file: z.string(),
  match: z.string().optional().describe('words of tcpdump; absent: every frame'),
  off: z.string().optional().describe('why it is switched off; absent while it is on'),
  frames: z.int().describe('frames that matched'),
  edited: z.int().describe('frames that it changed or replaced'),
  redirected: z.int().describe('frames that it gave to ports'),
  dropped: z.int(),
  sent: z.int().describe('frames of its own'),
  failures: z.int().describe('times that it threw, or returned no verdict'),
  failure: z.string().optional().describe('the latest failure'),
  counters: z
    .array(z.object({ name: z.string(), label: z.string(), value: z.number() }))
    .describe('counters of its own; a label that is empty stands for none'),
});
export type HookBody = z.infer<typeof hookShape>;

/** The keys of `bridge -d -j link show` whose names are not those of a port's keys. */
export const linkShape = z.object({
  ifname: portName.describe('the same as `port`, under the name of iproute2'),
  master: z.string().describe('the bridge'),
  priority: z.number().describe('0 to 60: a quarter of `stp-priority`'),
  cost: z.int().describe('`stp-cost`, or the cost that the speed of the link gives'),
  guard: z.boolean().describe('`bpdu-guard`'),
  root_block: z.boolean().describe('`root-guard`'),
  mcast_flood: z.boolean().describe('`mcast-flood`'),
  bcast_flood: z.boolean().describe('`bcast-flood`'),
  mcast_router: z.int().describe('`mcast-router`'),
  mcast_max_groups: z.int().describe('`mcast-max-groups`'),
  neigh_suppress: z.boolean().describe('`neigh-suppress`'),
  backup_port: portName.optional().describe('`backup`, unless it is off'),
});

const fixedPortShape = linkShape.extend({
  id: z.int().describe('used again when the port is removed'),
  port: portName,
  kind: z.string().describe('tap, …'),
  kernelName: z.string().describe('name of the interface, which its owner can change'),
  origin: z
    .enum(PORT_ORIGINS)
    .describe(
      'of an interface: made by the switch, attached to as it was found, or taken from the host; of a ' +
        'socket: listening for its peer, connecting to it, or bound to an address; opened: by the program',
    ),
  state: z.enum(['up', 'down', 'gone']).describe('gone: the TAP was deleted'),
  mtu: z.int().describe('bytes behind the Ethernet header'),
  offload: z.boolean().describe('whether super-frames travel on it whole'),
  fast: z
    .boolean()
    .describe('whether the kernel may redirect frames between it and other such ports'),
  fastObstacle: z.string().optional().describe('why it may not'),
  address: z
    .array(z.string())
    .optional()
    .describe('addresses that the port has given its interface; absent for kinds without that key'),
  problem: z
    .string()
    .optional()
    .describe('why the interface cannot be followed, or why a TAP that is back cannot be opened'),
});
export type PortBody = z.infer<typeof fixedPortShape> & Readonly<Record<string, unknown>>;
export const portShape = fixedPortShape
  .extend(bridgeKeys)
  .meta({ id: 'Port' }) as unknown as z.ZodType<PortBody>;

export const ownAddressShape = named('OwnAddress', {
  address: z.string(),
  vlan: z.int().optional().describe('VID; absent for the VLAN of the default PVID'),
  state: z.string().describe('progress of the claim; the switch answers for a claimed address'),
});
export type OwnAddressBody = z.infer<typeof ownAddressShape>;

export const bridgeShape = named('Bridge', {
  name: z.string(),
  mac,
  version: z.string(),
  pid: z.int(),
  uptime: z.number().describe('seconds since the switch was started'),
  addresses: z.array(ownAddressShape),
  fdb: z.object({
    dynamic: z.int().describe('entries that were learned, and sticky ones'),
    static: z.int(),
    max: z.int().describe('limit of dynamic entries'),
    ageing: z.number().describe('seconds; 0: nothing is learned'),
  }),
  ports: z.array(portShape),
  total: z.record(z.string(), z.number()).describe('counters of all ports, removed ones included'),
});
export type BridgeBody = z.infer<typeof bridgeShape>;

/** The keys of `bridge -s -j fdb show` (iproute2, bridge/fdb.c). */
export const stationShape = named('Station', {
  mac,
  port: portName,
  ifname: portName.describe('the same, under the name of iproute2'),
  vlan: z.int().optional().describe('absent outside of every VLAN'),
  flags: z
    .array(z.string())
    .describe('sticky: the entry never moves; locked: the station waits to be let in'),
  master: z.string().describe('the bridge'),
  state: z.string().describe('static, or empty for an entry that ages'),
  used: z.int().describe('seconds since it last decided where a frame goes, modulo 18 hours'),
  updated: z.int().describe('seconds since the station was last heard'),
});
export type StationBody = z.infer<typeof stationShape>;

/** The keys of `bridge -d -j vlan show` (iproute2, bridge/vlan.c). */
export const portVlansShape = named('PortVlans', {
  port: portName,
  ifname: portName.describe('the same, under the name of iproute2'),
  vlans: z.array(
    z.object({
      vlan: z.int().describe('VID'),
      vlanEnd: z.int().optional().describe('last VID of a range'),
      flags: z
        .array(z.string())
        .optional()
        .describe('PVID: of untagged frames that it receives; Egress Untagged: sent without a tag'),
      mcast_n_groups: z
        .int()
        .optional()
        .describe('number of groups that the port has joined; absent without snooping'),
      mcast_max_groups: z.int().optional().describe('limit of this number; 0: none'),
    }),
  ),
});
export type PortVlansBody = z.infer<typeof portVlansShape>;

/** The keys of `ip -s -j neigh show` (iproute2, ip/ipneigh.c). */
export const neighbourShape = named('Neighbour', {
  dst: z.string().describe('the address'),
  port: portName.optional().describe('absent where a static binding names no port'),
  dev: portName.optional().describe('the same, under the name of iproute2'),
  lladdr: mac,
  vlan: z.int().optional().describe('VID; absent outside of every VLAN'),
  state: z
    .array(z.string())
    .describe('REACHABLE, PROBE, PERMANENT; CONTESTED, CONFLICT: two stations use the address'),
  updated: z.int().optional().describe('seconds since the host was heard; absent for never'),
});
export type NeighbourBody = z.infer<typeof neighbourShape>;

/** Answer to the removal of entries. */
export const removedShape = named('Removed', { removed: z.int().describe('number of entries') });

const timer = z.string().describe('seconds that are left');

/** The keys of `bridge -d -s -j mdb show` (iproute2, bridge/mdb.c). */
const mdbEntryShape = z.object({
  dev: z.string().describe('the bridge'),
  port: portName,
  grp: z.string().describe('the group: an IP address, or a MAC'),
  src: z.string().optional().describe('the source of an (S,G)'),
  state: z.enum(['permanent', 'temp']),
  filter_mode: z.enum(['include', 'exclude']),
  source_list: z
    .array(z.object({ address: z.string(), timer: timer.describe('0.00: blocked, or permanent') }))
    .optional(),
  protocol: z.enum(['kernel', 'static']).describe('static: made by an operator'),
  flags: z.array(z.string()).describe('blocked: the port does not get this source'),
  vid: z.int().optional().describe('absent outside of every VLAN'),
  timer,
});
export type MdbEntryBody = z.infer<typeof mdbEntryShape>;
export const mdbShape = z.object({
  mdb: z.array(mdbEntryShape),
  router: z
    .record(z.string(), z.array(z.object({ port: portName, type: z.string(), timer })))
    .describe('ports of multicast routers, by the name of the bridge'),
});
export type MdbBody = z.infer<typeof mdbShape>;

const counts = z.record(z.string(), z.number()).meta({ id: 'Counts' });

export const statsShape = named('Stats', {
  total: z
    .object({ counters: counts, drops: counts })
    .describe('sums over all ports, removed ones included'),
  ports: z.array(z.object({ port: portName, counters: counts, drops: counts })),
  bursts: z
    .array(z.object({ from: z.int(), to: z.int(), bursts: z.int() }))
    .describe('number of bursts that brought in `from` to `to` frames'),
  hooks: z
    .array(hookShape.pick({ name: true, counters: true }))
    .describe('counters of the hooks; none where one port is asked for'),
});
export type StatsBody = z.infer<typeof statsShape>;

export const traceShape = named('Trace', {
  steps: z.array(z.string()).describe('one sentence for each step, in order'),
  egress: z.array(portName).describe('the ports through which the frame leaves'),
  drops: z
    .array(z.object({ port: portName, reason: z.string() }))
    .describe('the reasons why the frame, or a copy of it, is dropped'),
});
export type TraceBody = z.infer<typeof traceShape>;

const treePortShape = z.object({
  port: z.string(),
  portId: z.string().describe('priority and number of the port: 8001'),
  role: z.enum(['disabled', 'root', 'designated', 'alternate', 'backup']),
  state: z.enum(TREE_STATES),
  cost: z.number(),
  isEdge: z.boolean().describe('no bridge is behind the port'),
  isShut: z.boolean().describe('bpdu-guard has shut the port'),
  speaks: z.enum(['stp', 'rstp']),
  designatedBridge: z.string(),
  designatedPort: z.string(),
  designatedCost: z.number(),
});

const treeShape = z.object({
  protocol: z.enum(['stp', 'rstp']),
  bridgeId: z.string().describe('priority and address: 8000.020000000001'),
  rootId: z.string(),
  rootCost: z.number(),
  rootPort: z.string().optional().describe('absent where the switch is the root'),
  helloTime: z.number().describe('seconds, as the root has it; likewise the next two'),
  maxAge: z.number(),
  forwardDelay: z.number(),
  topologyChanges: z.number(),
  lastChangeAgo: z.number().describe('seconds'),
  lastChangePort: z.string().optional(),
  ports: z.array(treePortShape),
});

export const stpShape = z.union([z.object({ protocol: z.literal('off') }), treeShape]);

export type TreeBody = z.output<typeof treeShape>;
export type StpBody = z.output<typeof stpShape>;

/** A line of the stream of events. */
export const eventShape = z.looseObject({
  event: z.string().describe('name of the event; lost: a slow reader has missed `lost` events'),
  seq: z.int().optional().describe('number of the event; absent for lost'),
  time: z.string().optional().describe('ISO 8601, UTC; absent for lost'),
});

/** RFC 9457. */
export const problemShape = named('Problem', {
  type: z.literal('about:blank'),
  title: z.string().describe("HTTP's name of the status"),
  status: z.int(),
  detail: z.string().describe('one sentence: what is wrong, why, and what would be right'),
  errors: z
    .array(
      z.object({
        field: z.string().describe('a field of the body, the query or the path: ports[0].mtu'),
        detail: z.string(),
      }),
    )
    .optional()
    .describe('each fault of the request'),
});
export type ProblemBody = z.infer<typeof problemShape>;
