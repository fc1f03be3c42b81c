/**
 * VLAN identifiers.
 *
 * Source: IEEE 802.1Q-2022 9.6, table 9-2 (reserved values).
 */

/**
 * VLAN of every frame, as long as the bridge does not filter by VLAN: tags are payload, and the
 * stations of all VLANs are in one table. The standard's null VLAN ID.
 */
export const NO_VLAN = 0;
