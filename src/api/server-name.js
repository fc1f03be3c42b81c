"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.SERVER_NAME = void 0;
/** Begins the header `server` of each answer of a switch (RFC 9110, 10.2.4): a client knows it by that. */
exports.SERVER_NAME = 'tapswitch/';
