"use strict";
/** News of loop guard for the operator. A port is an id here. `src/journal/events.ts` has the texts. */
Object.defineProperty(exports, "__esModule", { value: true });
