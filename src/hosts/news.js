"use strict";
/**
 * News of ARP, ND and inspection for the operator: the name of an event and its fields, each at a bounded
 * rate. A port is an id here. `src/journal/events.ts` has the texts.
 */
Object.defineProperty(exports, "__esModule", { value: true });
