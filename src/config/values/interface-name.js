"use strict";
/**
 * Names of network interfaces and of network namespaces.
 *
 * Source: `dev_valid_name` and `__dev_alloc_name` in the kernel's net/core/dev.c. The kernel looks
 * at bytes, and its `isspace` takes the byte 0xa0 for white space: `à` (c3 a0) cannot be part of a
 * name although `é` can.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.namespaceName = exports.interfaceNameOrPattern = exports.interfaceName = void 0;
exports.isPattern = isPattern;
const rule_1 = require("./rule");
/** IFNAMSIZ without the terminating zero. */
const NAME_BYTES_MAX = 15;
/** Names that the kernel keeps for itself: they are folders of /proc/sys/net/ipv4/conf. */
const KERNELS_OWN = ['.', '..', 'all', 'default'];
/** Bytes that no name may have: `/`, `:`, and white space by the kernel's `isspace`. */
const FORBIDDEN_BYTES = new Set([0x2f, 0x3a, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0xa0]);
/** A name that is complete as it stands. */
exports.interfaceName = (0, rule_1.textRule)('an interface name', (text) => {
    checkName(text);
    if (text.includes('%'))
        throw (0, rule_1.expected)('an interface name without "%"', text);
    return text;
});
/** A name, or a pattern such as `tap%d`, where the kernel puts the lowest free number. */
exports.interfaceNameOrPattern = (0, rule_1.textRule)('an interface name', (text) => {
    checkName(text);
    if (text.includes('%') && !/^[^%]*%d[^%]*$/.test(text)) {
        throw (0, rule_1.expected)('an interface name with "%" only in one "%d"', text);
    }
    return text;
});
/** Whether this is a pattern, so that the kernel chooses the number in the name. */
function isPattern(name) {
    return name.includes('%');
}
/** A namespace: its name in /run/netns, as `ip netns` shows it, or the path of its file. */
exports.namespaceName = (0, rule_1.textRule)('a network namespace: a name as in "ip netns", or a path such as /proc/1234/ns/net', (text) => {
    const isPath = text.startsWith('/');
    const isName = text !== '' && text !== '.' && text !== '..' && !text.includes('/');
    // White space at the ends is lost where a name stands among other words.
    const isWhole = !/^[ \t\n]|[ \t\n]$|\0/.test(text);
    return (isPath || isName) && isWhole ? text : undefined;
});
function checkName(text) {
    const bytes = Buffer.from(text);
    if (bytes.length === 0 || bytes.length > NAME_BYTES_MAX) {
        throw (0, rule_1.expected)(`an interface name of 1 to ${NAME_BYTES_MAX} bytes`, text, `${bytes.length} bytes`);
    }
    if (bytes.some((byte) => FORBIDDEN_BYTES.has(byte))) {
        throw (0, rule_1.expected)('an interface name without "/", ":" and white space', text);
    }
    if (KERNELS_OWN.includes(text)) {
        throw (0, rule_1.expected)('an interface name', text, 'which the kernel keeps for itself');
    }
}
