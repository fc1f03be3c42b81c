"use strict";
/** The MTU of a port over a socket, which has no interface to have one. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.MTU_KEY = exports.DEFAULT_MTU = void 0;
const interface_rules_1 = require("../config/values/interface-rules");
exports.DEFAULT_MTU = 1_500;
exports.MTU_KEY = {
    rule: interface_rules_1.tapMtu,
    placeholder: 'N',
    help: `68 to 65521 bytes (default: ${exports.DEFAULT_MTU})`,
    fallback: exports.DEFAULT_MTU,
};
