/** Ids of ports: small numbers, given away again when a port is removed. */

/** No port: the ingress of a frame of the switch's own, or the answer of a look-up that failed. */
export const NO_PORT = -1;
