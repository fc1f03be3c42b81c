"use strict";
/**
 * The outbox: how a protocol room sends frames that the switch makes. The bridge implements it. A room knows
 * neither the devices of the ports nor how full the burst is.
 */
Object.defineProperty(exports, "__esModule", { value: true });
