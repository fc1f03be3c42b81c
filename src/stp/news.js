"use strict";
/**
 * News of the spanning tree for the operator. A port is an id here. `src/journal/events.ts` has the texts. Each
 * event is told once a second at most.
 */
Object.defineProperty(exports, "__esModule", { value: true });
