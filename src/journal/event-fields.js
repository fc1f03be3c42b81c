"use strict";
/** Fields of each event, for programs. `events.ts` has the texts. */
Object.defineProperty(exports, "__esModule", { value: true });
