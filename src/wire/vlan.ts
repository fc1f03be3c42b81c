/**
 * VLAN identifiers and VLAN tags. A tag is a TPID, which stands where the EtherType of an untagged frame
 * stands, and a TCI: priority (3 bits), drop eligible (1 bit), VID (12 bits).
 *
 * Source: IEEE 802.1Q-2022 9.5 (TPID), 9.6 (TCI), table 9-2 (reserved values).
 */

/**
 * VLAN of every frame while the bridge does not filter by VLAN: the standard's null VLAN ID. Tags are
 * payload then, and the stations of all VLANs share one table.
 */
export const NO_VLAN = 0;

/** First and last VID that a VLAN may have. 4095 is reserved. */
export const MIN_VID = 1;
export const MAX_VID = 4094;
/** Number of values of a VID, the reserved ones included. */
export const VIDS = 4096;

/** Part of a TCI that is the VID. */
export const TCI_VID = 0x0fff;
/** Part of a TCI that is priority and drop eligible. */
export const TCI_PRIORITY = 0xf000;

/** TPID of a customer tag (802.1Q) and of a service tag (802.1ad), as people write them. */
export const TPID_CUSTOMER = 0x8100;
export const TPID_SERVICE = 0x88a8;

/** The VLAN among the fields of a record, where there is one. */
export function inVlan(vlan: number): { readonly vlan?: number } {
  return vlan === NO_VLAN ? {} : { vlan };
}
