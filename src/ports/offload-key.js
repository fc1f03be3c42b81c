"use strict";
/** The key `offload` of ports that are devices of the kernel. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.OFFLOAD_KEY = void 0;
const rule_1 = require("../config/values/rule");
exports.OFFLOAD_KEY = {
    rule: rule_1.onOff,
    placeholder: 'off',
    help: 'plain frames on this port only; "on" beside --no-offload',
};
