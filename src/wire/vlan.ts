/**
 * VLAN identifiers.
 *
 * Source: IEEE 802.1Q-2022 9.6, table 9-2 (reserved values).
 */

/**
 * VLAN of every frame while the bridge does not filter by VLAN: the standard's null VLAN ID. Tags are
 * payload then, and the stations of all VLANs share one table.
 */
export const NO_VLAN = 0;
