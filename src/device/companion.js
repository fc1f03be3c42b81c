"use strict";
/**
 * The TAP that stands for an interface which the switch takes: its name, and the text by which it is
 * known again. `ports/nic-port.ts` says what it is for.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.companionOf = companionOf;
exports.companionAlias = companionAlias;
exports.isCompanionAlias = isCompanionAlias;
const node_crypto_1 = require("node:crypto");
/** Bytes of an interface's name, at most, with its end: IFNAMSIZ, linux/if.h. */
const NAME_BYTES = 16;
const MARK = '~';
/** Characters of a long name that its companion keeps, and of the digest that stands for the rest. */
const KEPT_CHARACTERS = 7;
const DIGEST_CHARACTERS = 7;
const ALIAS = 'tapswitch: where the frames of ';
/** The name of the TAP that stands for an interface: always the same for one name. */
function companionOf(name) {
    const whole = `${MARK}${name}`;
    if (Buffer.byteLength(whole) < NAME_BYTES)
        return whole;
    const digest = (0, node_crypto_1.createHash)('sha256').update(name).digest('hex').slice(0, DIGEST_CHARACTERS);
    return `${MARK}${name.slice(0, KEPT_CHARACTERS)}${digest}`;
}
/** What people who list interfaces read about a companion (IFLA_IFALIAS). */
function companionAlias(name) {
    return `${ALIAS}${name} go`;
}
/** @param alias of any interface */
function isCompanionAlias(alias) {
    return alias.startsWith(ALIAS);
}
