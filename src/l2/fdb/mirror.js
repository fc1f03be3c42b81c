"use strict";
/**
 * A mirror of the forwarding database for frames that pass without it: the fast path. The table notifies
 * the mirror of each station that is placed, moves or is removed, and asks it which stations it has heard.
 */
Object.defineProperty(exports, "__esModule", { value: true });
