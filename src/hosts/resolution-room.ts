/**
 * Resolution room: what the rooms of ARP and Neighbor Discovery have in common. Each has the switch's own
 * addresses of its family, the known hosts, and the sender and the target of the message that it handles.
 */

import type { Outbox } from '../frame/outbox';
import type { Room, Wants } from '../frame/room';
import type { Verdict } from '../frame/verdict';
import { type IpKey, newIpKey } from '../wire/ip-key';
import type { MacWords } from '../wire/mac';
import { NO_VLAN } from '../wire/vlan';
import type { ResolutionCounterSink } from './counters';
import type { Inspection } from './inspection';
import { type Asker, KnownHosts, type KnownHostsOptions } from './known-hosts';
import type { Neighbours, Poll } from './neighbours';
import type { Announcer, OwnAddresses } from './own-addresses';

export interface ResolutionOptions extends KnownHostsOptions {
  /** Inspection; if absent, every port is trusted. */
  readonly inspection?: Inspection;
}

export abstract class ResolutionRoom implements Room, Announcer {
  abstract readonly wants: Wants;
  /** Known hosts, and whether the switch may answer for them. */
  readonly hosts: KnownHosts;
  protected readonly mac: MacWords;
  protected readonly counters: ResolutionCounterSink;
  protected readonly inspection: Inspection | undefined;
  /** Sender of the present message, and its source address. */
  protected readonly sender: Asker = { key: newIpKey(), vlan: NO_VLAN, hi16: 0, lo32: 0, port: 0 };
  /** Target of the present message, if it has one. */
  protected readonly target = newIpKey();

  /** @param addresses of the switch */
  constructor(
    options: ResolutionOptions,
    readonly addresses: OwnAddresses,
  ) {
    this.mac = options.mac;
    this.counters = options.counters;
    this.inspection = options.inspection;
    this.hosts = new KnownHosts(options, (...asked) => this.poll(...asked));
  }

  /** Bindings of addresses to hosts. */
  get neighbours(): Neighbours {
    return this.hosts.neighbours;
  }

  abstract receive(frame: number, outbox: Outbox): Verdict;

  /** Probes for an address that the switch wants to use. */
  abstract probe(key: IpKey, vlan: number, outbox: Outbox): void;

  /** Announces to all hosts that the switch has the address. */
  abstract announce(key: IpKey, vlan: number, outbox: Outbox): void;

  /** Asks the host of a binding whether it still has the address: see `Poll`. */
  protected abstract poll(...asked: Parameters<Poll>): boolean;

  /** Time of the next work of `tick`; `Infinity` for never. */
  get dueMs(): number {
    return Math.min(this.addresses.dueMs, this.neighbours.dueMs);
  }

  tick(nowMs: number, outbox: Outbox): void {
    this.addresses.tick(nowMs, outbox, this);
    this.neighbours.tick(nowMs, outbox);
  }

  /** Forgets the hosts that were learned on a port that goes down, because they may have moved. */
  portChanged(port: number, isUp: boolean): void {
    if (!isUp) this.neighbours.flush(port);
  }

  portRemoved(port: number): void {
    this.neighbours.forgetPort(port);
  }
}
