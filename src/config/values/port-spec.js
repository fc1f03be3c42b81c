"use strict";
/**
 * A port as the operator asks for it: `[KIND:]NAME[@NETNS][,KEY[=VALUE]]...`. The kind of port decides
 * what NAME may be and which keys exist: see `config/port-grammar.ts`.
 *
 * `:`, `@` and `,` are separators. An interface name has no `:`, so the kind is never ambiguous. The name
 * of a TAP cannot have `@` or `,` here, and NETNS cannot have `,`, although the kernel allows both.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.portNamespace = exports.tapName = exports.DEFAULT_KIND = void 0;
exports.portLabel = portLabel;
exports.portIdentity = portIdentity;
exports.splitKind = splitKind;
exports.splitAtFirst = splitAtFirst;
const interface_name_1 = require("./interface-name");
const rule_1 = require("./rule");
/** Kind of a port without a given kind. */
exports.DEFAULT_KIND = 'tap';
/** The name of a TAP, or a pattern with `%d` for the kernel to complete. */
exports.tapName = (0, rule_1.mapRule)(interface_name_1.interfaceNameOrPattern, (name) => {
    if (/[@,]/.test(name))
        throw (0, rule_1.expected)('a port name without "@" and ","', name);
    return name;
});
/** The namespace of a port's interface. */
exports.portNamespace = (0, rule_1.mapRule)(interface_name_1.namespaceName, (netns) => {
    if (netns.includes(','))
        throw (0, rule_1.expected)('a network namespace without ","', netns);
    return netns;
});
/** Label of a port in logs, tables and the API: `[KIND:]NAME[@NETNS]`, without the kind for a TAP. */
function portLabel({ kind = exports.DEFAULT_KIND, name, netns }) {
    const place = netns === undefined ? '' : `@${netns}`;
    return `${kind === exports.DEFAULT_KIND ? '' : `${kind}:`}${name}${place}`;
}
/**
 * Identity of a port: two ports with one identity are the same port given twice. A pattern has none: the
 * kernel chooses a new name each time.
 */
function portIdentity(spec) {
    return (0, interface_name_1.isPattern)(spec.name) ? undefined : portLabel(spec);
}
/** Kind in front of a port, if one is given, and the rest of the text. */
function splitKind(text) {
    const [, kind, rest] = /^([^:@/,]*):(.*)$/su.exec(text) ?? [];
    return rest === undefined ? { kind: undefined, rest: text } : { kind, rest };
}
/** Text in front of the separator, and the text behind it; `undefined` if there is no separator. */
function splitAtFirst(text, separator) {
    const index = text.indexOf(separator);
    return index === -1 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)];
}
