"use strict";
/** The leg of a port in the fast path: the facts about its interface. */
Object.defineProperty(exports, "__esModule", { value: true });
