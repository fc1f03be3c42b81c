/** Options of a switch that a program starts: the keys and values of a configuration file. */

import type { PortSpec } from './config/values/port-spec';
import type { ArpMode, LogFormat, LogLevel, ReservedMode } from './config/schema';

/** One item, or a list of items. */
type OneOrMore<T> = T | readonly T[];

/**
 * Options by their names on the command line. The rules and the defaults are the same, except for
 * `log-level` (`warn`) and `control` (`none`).
 */
export interface SwitchOptions {
  /** Ports as `[KIND:]NAME[@NETNS][,KEY[=VALUE]]...`, or as objects with the same content; at least one. */
  readonly ports: OneOrMore<string | PortSpec>;
  /** Name of the bridge in logs and tables. */
  readonly name?: string | undefined;
  /** MAC address of the switch; without it, one is derived from the machine and the name. */
  readonly mac?: string | undefined;
  /** Addresses of the switch itself, with the length of their prefix: `192.0.2.1/24`. */
  readonly address?: OneOrMore<string> | undefined;
  readonly arp?: ArpMode | undefined;
  /** Seconds for which the binding of a host to its address is valid. */
  readonly 'neigh-lifetime'?: number | undefined;
  /** Maximum number of known hosts, of IPv4 and of IPv6 each. */
  readonly 'neigh-max'?: number | undefined;
  /** Static bindings: `192.0.2.7 lladdr 02:00:00:00:00:07 dev tap1`. */
  readonly neigh?: OneOrMore<string> | undefined;
  /** Whether ARP, ND and DHCP are inspected on ports that are not trusted. */
  readonly inspect?: boolean | undefined;
  /** Seconds after which a silent station is forgotten; 0: the switch learns no station. */
  readonly ageing?: number | undefined;
  /** Maximum number of dynamic FDB entries. */
  readonly 'fdb-max'?: number | undefined;
  /** Maximum number of dynamic FDB entries on one port. */
  readonly 'fdb-max-per-port'?: number | undefined;
  /** Whether a new station takes the place of another one where the FDB is full. */
  readonly 'fdb-eviction'?: 'fair' | 'none' | undefined;
  /** Static and sticky FDB entries: `02:00:00:00:00:07 dev tap1 static`. */
  readonly fdb?: OneOrMore<string> | undefined;
  /** Copies of the frames of ports for another port: `m1 from tap0,tap1 in to tap9`. */
  readonly mirror?: OneOrMore<string> | undefined;
  readonly impair?: OneOrMore<string> | undefined;
  /** Files of hooks, which are programs on the frame path. */
  readonly hook?: OneOrMore<string> | undefined;
  readonly reserved?: ReservedMode | undefined;
  /** Mask of the addresses 01-80-C2-00-00-0X that are forwarded whatever `reserved` says: `0x4005`, bit X. */
  readonly 'group-fwd'?: number | string | undefined;
  /** Whether the ports are divided by VLAN. */
  readonly 'vlan-filtering'?: boolean | undefined;
  readonly 'vlan-protocol'?: '802.1Q' | '802.1ad' | undefined;
  /** VLAN of a port that has no key for VLANs; `none`: such a port is in no VLAN. */
  readonly 'vlan-default-pvid'?: number | 'none' | undefined;
  /** Whether loop guard is on while there is no spanning tree. */
  readonly 'loop-guard'?: boolean | undefined;
  readonly stp?: 'off' | 'stp' | 'rstp' | undefined;
  readonly 'stp-priority'?: number | undefined;
  /** Seconds, as the next two. */
  readonly 'stp-hello'?: number | undefined;
  readonly 'stp-max-age'?: number | undefined;
  readonly 'stp-forward-delay'?: number | undefined;
  /** Whether frames to a group go to its members alone. */
  readonly 'mcast-snooping'?: boolean | undefined;
  /** Permanent entries of the group table: `239.1.1.1 dev tap1 permanent`. */
  readonly mdb?: OneOrMore<string> | undefined;
  /** Whether the switch asks for members if there is no other querier. */
  readonly 'mcast-querier'?: boolean | undefined;
  readonly 'mcast-igmp-version'?: number | undefined;
  readonly 'mcast-mld-version'?: number | undefined;
  /** Groups at most. */
  readonly 'mcast-hash-max'?: number | undefined;
  readonly 'mcast-last-member-count'?: number | undefined;
  readonly 'mcast-startup-query-count'?: number | undefined;
  /** Seconds, as the next five. */
  readonly 'mcast-last-member-interval'?: number | undefined;
  readonly 'mcast-membership-interval'?: number | undefined;
  readonly 'mcast-querier-interval'?: number | undefined;
  readonly 'mcast-query-interval'?: number | undefined;
  readonly 'mcast-query-response-interval'?: number | undefined;
  readonly 'mcast-startup-query-interval'?: number | undefined;
  /** Whether ports have offloads, unless they say otherwise themselves. */
  readonly offload?: boolean | undefined;
  /** Whether frames move through io_uring where the kernel has it. */
  readonly 'io-uring'?: boolean | undefined;
  /** Microseconds for which the data plane spins before it blocks; 0: it never spins. */
  readonly 'busy-poll'?: number | undefined;
  /** Path of a control socket, for tapctl; `none` unless given. */
  readonly control?: string | undefined;
  /** Name or id of the group whose members may open the control socket. */
  readonly 'control-group'?: string | number | undefined;
  /** Address at which /metrics is served, for Prometheus: `127.0.0.1:9101`. */
  readonly metrics?: string | undefined;
  readonly 'log-level'?: LogLevel | undefined;
  readonly 'log-format'?: LogFormat | undefined;
}
