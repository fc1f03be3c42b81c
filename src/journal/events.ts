/**
 * List of all events: log level, text and names of the fields. No other file has these texts. The type
 * `News` lists the events of the lane as well.
 */

import type { LogLevel } from '../config/schema';
import type { News } from '../dataplane/news';

export interface EventWords {
  readonly level: LogLevel;
  readonly words: string;
  /** Names of the fields that the event may have. */
  readonly fields: readonly string[];
}

export const EVENTS = {
  learn: event('debug', 'station learn', 'mac', 'port', 'vlan'),
  move: event('debug', 'station move', 'mac', 'port', 'from', 'vlan'),
  age: event('debug', 'station age', 'mac', 'port', 'vlan'),
  flapping: event(
    'warn',
    'station moves back and forth: a loop, or a MAC used twice',
    ...['mac', 'port', 'from', 'vlan'],
  ),
  'own-source': event(
    'warn',
    "a host sends with the switch's own MAC: a loop, or a MAC used twice",
    ...['mac', 'port'],
  ),
  'offload-refused': event(
    'warn',
    'the kernel refuses offloads on this port; it gets plain frames for a while',
    ...['mac', 'port'],
  ),
  'io-uring-refused': event(
    'info',
    'io_uring is not available; frames take more system calls',
    'why',
  ),
  limit: event(
    'warn',
    'the forwarding database is full; one station makes room for another, or is not learned',
    ...['mac', 'port', 'vlan'],
  ),
  storm: event('warn', 'a storm limit of the port drops frames', ...['mac', 'port', 'vlan']),
  violation: event(
    'warn',
    'port security drops frames of a station that may not send from this port',
    ...['mac', 'port', 'vlan'],
  ),
  'learn-locked': event(
    'debug',
    'station of a locked port waits; let it in with tapctl fdb add',
    ...['mac', 'port', 'vlan'],
  ),
  'stations-lost': event('debug', 'station events lost', 'lost'),
  'port-made': event('info', 'port made', 'port'),
  'port-attached': event('info', 'port attached to an existing device', 'port'),
  'port-taken': event('info', 'port taken from the host', 'port'),
  'port-listening': event('info', 'port listens for its peer', 'port'),
  'port-connecting': event('info', 'port connects to its peer', 'port'),
  'port-bound': event('info', 'port is bound to its address', 'port'),
  'port-opened': event('info', 'port opened by the program', 'port'),
  'port-added': event('info', 'port added', 'port'),
  'port-removed': event('info', 'port removed', 'port'),
  'port-up': event('info', 'port is up', 'port'),
  'port-down': event('warn', 'port is down', 'port'),
  'port-shut': event(
    'warn',
    'port is shut; open it with tapctl port set PORT shut=off',
    ...['port', 'why', 'mac'],
  ),
  'port-gone': event('warn', 'port is gone', 'port'),
  'port-back': event('info', 'port is back', 'port'),
  'port-problem': event('warn', 'port has a problem; the switch tries again', 'port', 'problem'),
  'port-problem-over': event('info', 'port has no problem any longer', 'port'),
  'peer-connected': event('info', 'peer connected', 'port', 'peer'),
  'peer-lost': event('info', 'connection to the peer ended', 'port', 'peer', 'why'),
  'peer-refused': event('warn', 'peer refused', 'port', 'peer', 'why', 'untold'),
  'port-setting-refused': event(
    'warn',
    'a setting made while the port was gone is refused',
    ...['port', 'why'],
  ),
  'port-renamed': event('info', 'interface renamed', 'port', 'to'),
  'port-mtu': event('info', 'MTU changed', 'port', 'mtu'),
  'port-vlans': event('info', 'VLANs of a port changed', 'port', 'vlans'),
  'address-claimed': event('info', 'address claimed', 'address', 'vlan'),
  'address-conflict': event(
    'warn',
    'address conflict',
    ...['address', 'mac', 'port', 'outcome', 'vlan'],
  ),
  'neighbour-changed': event(
    'info',
    'an address has moved to another host',
    ...['address', 'mac', 'port', 'formerMac', 'vlan'],
  ),
  'neighbour-conflict': event(
    'warn',
    'two hosts use one address; the switch answers for neither',
    ...['address', 'mac', 'port', 'formerMac', 'vlan'],
  ),
  'neighbour-contradicted': event(
    'warn',
    'a host uses an address that is bound to another',
    ...['address', 'mac', 'port', 'formerMac', 'vlan'],
  ),
  'inspection-refused': event(
    'warn',
    'inspection denied a frame',
    ...['reason', 'address', 'mac', 'port', 'vlan', 'advice', 'untold'],
  ),
  'mcast-querier': event('info', 'another querier asks for members of groups', 'address', 'port'),
  'mcast-querier-missing': event(
    'warn',
    'no querier asks for members of groups, so that groups are flooded; start the switch with ' +
      '--mcast-querier, or give the querier of the network an address',
    'family',
  ),
  'mcast-refused': event(
    'warn',
    'a host cannot join a group, because a limit is reached',
    ...['group', 'port', 'groups', 'vlan', 'vlanGroups'],
  ),
  'loop-found': event(
    'warn',
    'a loop joins two ports: the later one is shut for a while; take out one of the links, or give --stp rstp',
    ...['port', 'from', 'seconds'],
  ),
  'loop-over': event('info', 'loop guard opens a port again', 'port'),
  'hook-failed': event(
    'warn',
    'a hook failed; further failures are only counted: tapctl hook show',
    ...['hook', 'why'],
  ),
  'hook-off': event(
    'warn',
    'a hook is switched off; tapctl hook reload switches it on again',
    ...['hook', 'why'],
  ),
  'hook-log': event('info', 'a hook says', 'hook', 'text', 'untold'),
  'stp-root': event('info', 'the spanning tree has another root', 'root', 'port'),
  'stp-port': event('info', 'port changed in the spanning tree', 'port', 'role', 'state'),
  'stp-topology-change': event('info', 'the topology of the network changed', 'port'),
  'stp-guarded': event(
    'warn',
    'a BPDU came to a port with bpdu-guard: the port is shut; set it down and up to open it',
    'port',
  ),
  'impairment-full': event(
    'warn',
    'an impairment drops frames, because too many are held; give it a greater limit or a shorter delay',
    ...['port', 'direction', 'words'],
  ),
  'impairment-ended': event(
    'info',
    'the time of an impairment is over',
    ...['port', 'direction', 'words'],
  ),
  reload: event('info', 'configuration reloaded', 'added', 'removed', 'changed'),
} as const satisfies Readonly<Record<string, EventWords>> &
  Readonly<Record<News['event'], EventWords>>;

export type EventName = keyof typeof EVENTS;

export const EVENT_NAMES = Object.keys(EVENTS) as EventName[];

function event(level: LogLevel, words: string, ...fields: string[]): EventWords {
  return { level, words, fields };
}
