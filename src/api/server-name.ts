/** Begins the header `server` of each answer of a switch (RFC 9110, 10.2.4): a client knows it by that. */
export const SERVER_NAME = 'tapswitch/';
