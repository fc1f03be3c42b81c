"use strict";
/**
 * VLAN identifiers and VLAN tags. A tag is a TPID, which stands where the EtherType of an untagged frame
 * stands, and a TCI: priority (3 bits), drop eligible (1 bit), VID (12 bits).
 *
 * Source: IEEE 802.1Q-2022 9.5 (TPID), 9.6 (TCI), table 9-2 (reserved values).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.TPID_SERVICE = exports.TPID_CUSTOMER = exports.TCI_PRIORITY = exports.TCI_VID = exports.VIDS = exports.MAX_VID = exports.MIN_VID = exports.NO_VLAN = void 0;
/**
 * VLAN of every frame while the bridge does not filter by VLAN: the standard's null VLAN ID. Tags are
 * payload then, and the stations of all VLANs share one table.
 */
exports.NO_VLAN = 0;
/** First and last VID that a VLAN may have. 4095 is reserved. */
exports.MIN_VID = 1;
exports.MAX_VID = 4094;
/** Number of values of a VID, the reserved ones included. */
exports.VIDS = 4096;
/** Part of a TCI that is the VID. */
exports.TCI_VID = 0x0fff;
/** Part of a TCI that is priority and drop eligible. */
exports.TCI_PRIORITY = 0xf000;
/** TPID of a customer tag (802.1Q) and of a service tag (802.1ad), as people write them. */
exports.TPID_CUSTOMER = 0x8100;
exports.TPID_SERVICE = 0x88a8;
