/** Messages of Neighbor Discovery. Source: RFC 4861 4, RFC 4291 2.7.1 (solicited-node group). */

import { formatIpv6 } from '../../wire/ipv6';
import { type ChecksumChoice, ipv6Field, join, macField, numberField } from './bytes';
import type { LinkFields } from './ethernet';
import { icmp } from './icmp';

/** Fields of all messages. */
export interface NdFields extends LinkFields {
  readonly source: string;
  /** 255, without which hosts ignore a message, unless given. */
  readonly ttl?: number;
  readonly checksum?: ChecksumChoice;
}

export interface NeighbourSolicitationFields extends NdFields {
  readonly target: string;
  /** The group of the target's solicited nodes unless given. */
  readonly destination?: string;
  /** Source link-layer address; `from` unless given, and none if `source` is `::` or this is `none`. */
  readonly linkLayer?: string;
}

export interface NeighbourAdvertisementFields extends NdFields {
  readonly target: string;
  /** All nodes unless given. */
  readonly destination?: string;
  /** Target link-layer address; `from` unless given, none if this is `none`. */
  readonly linkLayer?: string;
  /** `override` unless given. */
  readonly flags?: readonly ('router' | 'solicited' | 'override')[];
}

export interface RouterAdvertisementFields extends NdFields {
  /** All nodes unless given. */
  readonly destination?: string;
  /** Seconds; 1800 unless given. */
  readonly lifetime?: number;
  /** Source link-layer address; `from` unless given, none if this is `none`. */
  readonly linkLayer?: string;
  /** Prefixes of 64 bits for addresses that hosts make. */
  readonly prefixes?: readonly string[];
}

const ALL_NODES = 'ff02::1';
const ALL_ROUTERS = 'ff02::2';
const TYPES = {
  routerSolicitation: 133,
  routerAdvertisement: 134,
  solicitation: 135,
  advertisement: 136,
};
const SOURCE_LINK_LAYER = 1;
const TARGET_LINK_LAYER = 2;
const PREFIX_INFORMATION = 3;
const FLAGS = { router: 0x80, solicited: 0x40, override: 0x20 } as const;
const HOP_LIMIT = 255;
const UNSPECIFIED = '::';

export function neighbourSolicitation(fields: NeighbourSolicitationFields): Uint8Array {
  const { source, target } = fields;
  const bytes = ipv6Field('target', target);
  const option = source === UNSPECIFIED ? [] : linkLayerOption(SOURCE_LINK_LAYER, fields);
  return icmp({
    ttl: HOP_LIMIT,
    destination: solicitedNode(target),
    ...fields,
    type: TYPES.solicitation,
    body: join([0, 0, 0, 0], bytes, option),
  });
}

export function neighbourAdvertisement(fields: NeighbourAdvertisementFields): Uint8Array {
  const { flags = ['override'] } = fields;
  const bits = flags.reduce((sum, flag) => sum | FLAGS[flag], 0);
  return icmp({
    ttl: HOP_LIMIT,
    destination: ALL_NODES,
    ...fields,
    type: TYPES.advertisement,
    body: join(
      [bits, 0, 0, 0],
      ipv6Field('target', fields.target),
      linkLayerOption(TARGET_LINK_LAYER, fields),
    ),
  });
}

export function routerSolicitation(fields: NdFields & { readonly linkLayer?: string }): Uint8Array {
  const option = fields.source === UNSPECIFIED ? [] : linkLayerOption(SOURCE_LINK_LAYER, fields);
  return icmp({
    ttl: HOP_LIMIT,
    destination: ALL_ROUTERS,
    ...fields,
    type: TYPES.routerSolicitation,
    body: join([0, 0, 0, 0], option),
  });
}

export function routerAdvertisement(fields: RouterAdvertisementFields): Uint8Array {
  const { lifetime = 1800, prefixes = [] } = fields;
  return icmp({
    ttl: HOP_LIMIT,
    destination: ALL_NODES,
    ...fields,
    type: TYPES.routerAdvertisement,
    body: join(
      [64, 0],
      numberField('lifetime', lifetime, 2),
      new Uint8Array(8),
      linkLayerOption(SOURCE_LINK_LAYER, fields),
      ...prefixes.map(prefixOption),
    ),
  });
}

/** The group that hears solicitations for an address, as text. */
export function solicitedNode(target: string): string {
  const tail = ipv6Field('target', target).subarray(13);
  return formatIpv6(join([0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff], tail));
}

function linkLayerOption(
  kind: number,
  { from, linkLayer = from }: Pick<LinkFields, 'from'> & { readonly linkLayer?: string },
): Uint8Array {
  if (linkLayer === 'none') return new Uint8Array(0);
  return join([kind, 1], macField('linkLayer', linkLayer));
}

/** A prefix that is on the link and from which hosts make addresses, for a day. */
function prefixOption(prefix: string): Uint8Array {
  const day = numberField('prefixes', 86_400, 4);
  const head = [PREFIX_INFORMATION, 4, 64, 0xc0];
  return join(head, day, day, [0, 0, 0, 0], ipv6Field('prefixes', prefix));
}
