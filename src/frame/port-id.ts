/** Ids of ports: small numbers, reused after a port is removed. */

/** No port: the ingress of a frame that the switch made, or the result of a look-up that failed. */
export const NO_PORT = -1;
