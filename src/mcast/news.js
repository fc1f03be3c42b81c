"use strict";
/** News of groups for the operator, each at a bounded rate. `src/journal/events.ts` has the texts. */
Object.defineProperty(exports, "__esModule", { value: true });
