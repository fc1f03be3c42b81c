"use strict";
/**
 * What a room may do to the ports of the bridge: open them and close them, and have their stations forgotten. The
 * bridge implements it.
 */
Object.defineProperty(exports, "__esModule", { value: true });
