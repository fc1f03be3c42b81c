"use strict";
/**
 * How ports are written: `[KIND:]NAME[@NETNS][,KEY[=VALUE]]...`, or the same as a mapping. The grammar is
 * made from the kinds of port and the keys of each kind. The command line, its help, the configuration
 * file and its schema, the API and `tapctl port set` use it. All of them accept a key as soon as its kind
 * declares it.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.PortGrammar = void 0;
exports.formatPortValue = formatPortValue;
const port_spec_1 = require("./values/port-spec");
const rule_1 = require("./values/rule");
const suggest_1 = require("./values/suggest");
class PortGrammar {
    kinds;
    common;
    refuse;
    /**
     * @param kinds kinds of port; one of them is called {@link DEFAULT_KIND}
     * @param common keys that ports of every kind have
     * @param refuse throws a ValueError for values of these keys that contradict each other
     */
    constructor(kinds, common = {}, refuse = () => undefined) {
        this.kinds = kinds;
        this.common = common;
        this.refuse = refuse;
    }
    /** Kind of a port. @throws ValueError where there is no such kind */
    kindOf({ kind: name = port_spec_1.DEFAULT_KIND }) {
        const kind = this.kinds.find((known) => known.name === name);
        if (kind !== undefined)
            return kind;
        const names = this.kinds.map((known) => known.name);
        throw new rule_1.ValueError(`${(0, rule_1.describe)(name)}: ${(0, suggest_1.noSuch)('kind of port', name, names)}`);
    }
    /** Keys that may be given with a port. */
    openKeys(kind) {
        return pick(this.keys(kind), ({ when }) => when !== 'open');
    }
    /** Keys that may be set while the port is open. */
    liveKeys(kind) {
        return pick(this.keys(kind), ({ when }) => when !== 'opened');
    }
    /**
     * Reads `[KIND:]NAME[@NETNS][,KEY[=VALUE]]...`.
     * @throws ValueError that names the key.
     */
    parse(text) {
        const [head = '', ...settings] = text.split(',');
        const { kind: kindName, rest } = (0, port_spec_1.splitKind)(head);
        const kind = this.kindOf({ ...(kindName !== undefined && { kind: kindName }) });
        const [name, netns] = kind.hasNetns ? (0, port_spec_1.splitAtFirst)(rest, '@') : [rest, undefined];
        const given = { name: this.nameOf(kind, name) };
        if (netns !== undefined)
            given['netns'] = port_spec_1.portNamespace.fromText(netns);
        const keys = this.openKeys(kind);
        for (const setting of settings) {
            const [key, value] = readSetting(setting, keys);
            put(given, key, value, keys);
        }
        return this.complete(kind, given);
    }
    /**
     * @param given values each of which has passed its rule, the name among them.
     * @throws ValueError for values that may not be together
     */
    complete(kind, given) {
        const { kind: _, ...rest } = given;
        void _;
        const named = kind.name === port_spec_1.DEFAULT_KIND ? {} : { kind: kind.name };
        const spec = { ...named, ...rest };
        this.refuse((key) => spec[key]);
        return kind.refine?.(spec) ?? spec;
    }
    /** Ports of the specifications, in their order. One specification may mean several ports. */
    expand(specs) {
        return specs.flatMap((spec) => this.kindOf(spec).expand?.(spec) ?? [spec]);
    }
    /**
     * Checks a port that a program wrote as an object.
     * @throws ValueError for every fault that `parse` would report
     */
    check(spec) {
        const kind = this.kindOf(spec);
        const { kind: _, name, netns, ...values } = spec;
        void _;
        const keys = this.openKeys(kind);
        const given = { name: kind.nameRule.fromValue(name) };
        if (netns !== undefined)
            given['netns'] = this.namespaceOf(kind, netns);
        for (const [key, value] of Object.entries(values)) {
            if (value === undefined)
                continue;
            const { rule, identityOf } = keyOf(key, keys);
            const items = identityOf !== undefined && Array.isArray(value) ? value : [value];
            for (const item of items) {
                put(given, key, (0, rule_1.at)(key, () => rule.fromValue(item)), keys);
            }
        }
        return this.complete(kind, given);
    }
    /**
     * Reads `mtu=9000`, `up=off`, … for a port that is open.
     * @param label label of the port, which tells its kind
     * @throws ValueError that names the key.
     */
    parseSettings(label, texts) {
        const { kind } = (0, port_spec_1.splitKind)(label);
        const keys = this.liveKeys(this.kindOf({ ...(kind !== undefined && { kind }) }));
        const settings = {};
        for (const text of texts) {
            const [typed, value] = (0, port_spec_1.splitAtFirst)(text, '=');
            const { rule } = keyOf(typed, keys);
            if (value === undefined) {
                throw new rule_1.ValueError(`${typed}: needs a value, as in ${typed}=VALUE`);
            }
            put(settings, typed, (0, rule_1.at)(typed, () => rule.fromText(value)), keys);
        }
        return settings;
    }
    /** @throws ValueError for a key that cannot be set on an open port of this kind */
    refuseForeign(kind, settings) {
        const keys = this.liveKeys(kind);
        for (const key of Object.keys(settings))
            keyOf(key, keys);
    }
    /** Text from which {@link parse} reads the same port. */
    format(spec) {
        const keys = this.openKeys(this.kindOf(spec));
        const settings = Object.entries(keys).flatMap(([key, { isFlag, identityOf, toText }]) => {
            const value = spec[key];
            if (value === undefined)
                return [];
            if (isFlag && value === true)
                return [key];
            const items = identityOf === undefined ? [value] : value;
            const text = toText ?? formatPortValue;
            return items.map((item) => `${key}=${text(item)}`);
        });
        return [(0, port_spec_1.portLabel)(spec), ...settings].join(',');
    }
    keys(kind) {
        return { ...kind.keys, ...this.common };
    }
    nameOf(kind, text) {
        const { nameRule, hasNetns } = kind;
        try {
            return nameRule.fromText(text);
        }
        catch (error) {
            const [name, netns] = (0, port_spec_1.splitAtFirst)(text, '@');
            if (!hasNetns && netns !== undefined && isRight(() => nameRule.fromText(name))) {
                this.namespaceOf(kind, netns);
            }
            throw error;
        }
    }
    namespaceOf({ name, hasNetns }, netns) {
        if (hasNetns)
            return (0, rule_1.at)('netns', () => port_spec_1.portNamespace.fromValue(netns));
        throw new rule_1.ValueError(`netns: a port of kind ${name} lies in no namespace; leave it out`);
    }
}
exports.PortGrammar = PortGrammar;
function isRight(read) {
    try {
        read();
        return true;
    }
    catch {
        return false;
    }
}
/** Stores the value of a key, or one more item of a key that may be repeated. */
function put(given, key, value, keys) {
    const identityOf = keys[key]?.identityOf;
    if (identityOf === undefined) {
        if (key in given)
            throw new rule_1.ValueError(`${key}: given twice`);
        given[key] = value;
        return;
    }
    const items = (given[key] ?? []);
    const identity = identityOf(value);
    if (items.some((item) => identityOf(item) === identity)) {
        throw new rule_1.ValueError(`${key}: ${identity} is given twice; once is enough`);
    }
    given[key] = [...items, value];
}
/** Text of a key's value. */
function formatPortValue(value) {
    if (typeof value === 'boolean')
        return value ? 'on' : 'off';
    return typeof value === 'string' ? value : JSON.stringify(value);
}
function pick(keys, isWanted) {
    return Object.fromEntries(Object.entries(keys).filter(([, key]) => isWanted(key)));
}
function readSetting(setting, keys) {
    const [typed, value] = (0, port_spec_1.splitAtFirst)(setting, '=');
    const { rule } = keyOf(typed, keys);
    if (value !== undefined)
        return [typed, (0, rule_1.at)(typed, () => rule.fromText(value))];
    if (rule !== rule_1.onOff)
        throw new rule_1.ValueError(`${typed}: needs a value, as in ${typed}=VALUE`);
    return [typed, true];
}
function keyOf(typed, keys) {
    const key = Object.hasOwn(keys, typed) ? keys[typed] : undefined;
    if (key !== undefined)
        return key;
    throw new rule_1.ValueError(`${(0, rule_1.describe)(typed)}: ${(0, suggest_1.noSuch)('key', typed, Object.keys(keys))}`);
}
