/** Fields of each event, for programs. `events.ts` has the texts. */

import type { News } from '../dataplane/news';
import type { EventName } from './events';

interface OfPort {
  readonly port: string;
}

/** Events of the control plane. The types of the lane's events are those of its news. */
interface ControlEvents {
  readonly 'port-made': OfPort;
  readonly 'port-attached': OfPort;
  readonly 'port-taken': OfPort;
  readonly 'port-listening': OfPort;
  readonly 'port-connecting': OfPort;
  readonly 'port-bound': OfPort;
  readonly 'port-opened': OfPort;
  readonly 'port-added': OfPort;
  readonly 'port-removed': OfPort;
  readonly 'port-up': OfPort;
  readonly 'port-down': OfPort;
  readonly 'port-gone': OfPort;
  readonly 'port-back': OfPort;
  readonly 'port-problem': OfPort & { readonly problem: string };
  readonly 'port-problem-over': OfPort;
  readonly 'peer-connected': OfPort & { readonly peer: string };
  readonly 'peer-lost': OfPort & { readonly peer?: string; readonly why?: string };
  readonly 'peer-refused': OfPort & {
    readonly peer: string;
    readonly why: string;
    readonly untold: number;
  };
  readonly 'port-setting-refused': OfPort & { readonly why: string };
  readonly 'port-renamed': OfPort & { readonly to: string };
  readonly 'port-mtu': OfPort & { readonly mtu: number };
  readonly 'port-vlans': OfPort & { readonly vlans: string };
  readonly reload: {
    readonly added: number;
    readonly removed: number;
    readonly changed: number;
  };
}

/** A port is an id in the news of the lane, and a label for programs. */
type Labelled<N> = {
  readonly [K in keyof N as Exclude<K, 'event' | 'atMs'>]: K extends 'port' | 'from'
    ? string
    : N[K];
};

type NewsOf<E extends EventName, N extends News = News> = N extends unknown
  ? E extends N['event']
    ? N
    : never
  : never;

type FieldsOf<E extends EventName> = E extends 'inspection-refused'
  ? Omit<Labelled<NewsOf<E>>, 'reason'> & { readonly reason: string; readonly advice: string }
  : E extends keyof ControlEvents
    ? ControlEvents[E]
    : Labelled<NewsOf<E>>;

/** An event of a switch, for programs. */
export type EventOf<E extends EventName = EventName> = E extends unknown
  ? {
      readonly event: E;
      /** Sequence number. A gap shows the events that a slow reader has lost. */
      readonly seq: number;
      /** ISO 8601, UTC. */
      readonly time: string;
    } & FieldsOf<E>
  : never;
