/** Ethernet frames, with VLAN tags. Source: IEEE 802.3-2022 3.2, IEEE 802.1Q-2022 9.6. */

import { type Payload, join, macField, numberField, payloadBytes } from './bytes';

export const BROADCAST = 'ff:ff:ff:ff:ff:ff';

export interface VlanTag {
  /** VID, 0 to 4095. */
  readonly vid: number;
  /** Priority (PCP), 0 to 7; 0 unless given. */
  readonly priority?: number;
  /** Drop eligible indicator (DEI). */
  readonly dropEligible?: boolean;
  /** `802.1Q` unless given. */
  readonly protocol?: '802.1Q' | '802.1ad';
}

/** A VID, a tag, or tags with the outermost first. */
export type Vlan = number | VlanTag | readonly VlanTag[];

/** Fields that every frame has. */
export interface LinkFields {
  /** Source MAC. */
  readonly from: string;
  /** Destination MAC. */
  readonly to?: string;
  readonly vlan?: Vlan;
}

export interface EthernetFields extends LinkFields {
  /** Destination MAC; broadcast unless given. */
  readonly to?: string;
  /** EtherType, or a length; 0x88b5, the first for local experiments, unless given. */
  readonly type?: number;
  readonly payload?: Payload;
  /** Length without FCS to which zeros fill the frame, bytes. Frames on a TAP are not filled. */
  readonly padTo?: number;
}

const LOCAL_EXPERIMENTAL = 0x88b5;
const TAG_PROTOCOLS = { '802.1Q': 0x8100, '802.1ad': 0x88a8 } as const;

/**
 * A frame of any type.
 * @throws TypeError or RangeError for a field that cannot be written
 */
export function ethernet(fields: EthernetFields): Uint8Array {
  const { padTo = 0, payload = '', type = LOCAL_EXPERIMENTAL } = fields;
  const frame = link(fields, type, payloadBytes(payload), BROADCAST);
  return frame.length >= padTo ? frame : join(frame, new Uint8Array(padTo - frame.length));
}

/** A frame around a packet. @param defaultTo destination where `fields` has none */
export function link(
  fields: LinkFields,
  type: number,
  packet: Uint8Array,
  defaultTo?: string,
): Uint8Array {
  const to = fields.to ?? defaultTo;
  if (to === undefined) throw new TypeError('to: a destination MAC is needed');
  return join(
    macField('to', to),
    macField('from', fields.from),
    ...tagsOf(fields.vlan).map(tagBytes),
    numberField('type', type, 2),
    packet,
  );
}

function tagsOf(vlan: Vlan | undefined): readonly VlanTag[] {
  if (vlan === undefined) return [];
  if (typeof vlan === 'number') return [{ vid: vlan }];
  return 'vid' in vlan ? [vlan] : vlan;
}

function tagBytes({
  vid,
  priority = 0,
  dropEligible = false,
  protocol = '802.1Q',
}: VlanTag): Buffer {
  if (!(vid >= 0 && vid <= 0xfff)) throw new RangeError(`vlan: not a VID: ${vid}`);
  if (!(priority >= 0 && priority <= 7)) throw new RangeError(`vlan: not a priority: ${priority}`);
  const control = (priority << 13) | (dropEligible ? 0x1000 : 0) | vid;
  return join(numberField('vlan', TAG_PROTOCOLS[protocol], 2), numberField('vlan', control, 2));
}
