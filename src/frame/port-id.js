"use strict";
/** Ids of ports: small numbers, reused after a port is removed. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.NO_PORT = void 0;
/** No port: the ingress of a frame that the switch made, or the result of a look-up that failed. */
exports.NO_PORT = -1;
