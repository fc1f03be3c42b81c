"use strict";
/** The key `fast`, which every kind of port has that is an interface of the kernel. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.FAST_KEY = void 0;
const rule_1 = require("../config/values/rule");
exports.FAST_KEY = {
    rule: rule_1.onOff,
    placeholder: 'off',
    help: 'every frame comes to the switch; else the kernel redirects known unicast between such ports',
    fallback: true,
};
