"use strict";
/**
 * Applies a new configuration to a running switch: as a whole, or not at all. Ports that are the same in
 * both lose no frame.
 *
 * The steps that can fail come first, each with a step that undoes it. Removals cannot fail and come last.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.applyConfig = applyConfig;
const node_util_1 = require("node:util");
const own_address_1 = require("../config/values/own-address");
const interface_name_1 = require("../config/values/interface-name");
const port_spec_1 = require("../config/values/port-spec");
const schema_1 = require("../config/schema");
const request_error_1 = require("../system/request-error");
const refuse_port_1 = require("../ports/refuse-port");
/**
 * Applies a configuration. It must not run at the same time as another change of the same switch.
 * @throws UsageError, RequestError, StartError; nothing has changed then.
 */
async function applyConfig(tapSwitch, wanted) {
    const { config, ports } = tapSwitch;
    refuseFixed(config, wanted);
    refuseOtherPrefix(config.addresses, wanted.addresses);
    const { kinds } = ports;
    const plan = planPorts(kinds, ports.all, wanted);
    (0, refuse_port_1.refuseSameInterface)(kinds, wanted.ports);
    for (const spec of plan.add)
        (0, refuse_port_1.refuseUnknownValues)(kinds.kindOf(spec), (0, port_spec_1.portLabel)(spec), spec);
    for (const { port, settings, final } of plan.set) {
        const all = { ...settings, ...final };
        (0, refuse_port_1.refuseUnknownValues)(port.kind, port.label, all);
        ports.check(port, all);
    }
    const newAddresses = without(wanted.addresses, config.addresses);
    const oldAddresses = without(config.addresses, wanted.addresses);
    const wayBack = [];
    try {
        const added = [];
        for (const spec of plan.add) {
            const port = await ports.add(spec);
            wayBack.push(() => {
                port.forgetPersistence();
                return ports.remove(port);
            });
            added.push(port.label);
        }
        for (const { port, settings } of plan.set) {
            const forget = port.snapshot();
            const before = valuesNow(port, settings);
            await ports.set(port, settings);
            wayBack.push(async () => {
                await ports.set(port, before);
                forget();
            });
        }
        for (const address of newAddresses) {
            await tapSwitch.addAddress(address, oldAddresses.length);
            wayBack.push(() => tapSwitch.removeAddress(address));
        }
        wayBack.push(() => tapSwitch.setStaticEntries(config));
        await tapSwitch.setStaticEntries(wanted);
        // The kernel can set an owner and a group, but not remove them.
        for (const { port, final } of plan.set)
            await ports.set(port, final);
        // The lane's settings come late: when inspection ends, it loses its bindings, which nothing restores.
        wayBack.push(() => tapSwitch.configure(config));
        await tapSwitch.configure(wanted);
        for (const address of oldAddresses)
            await tapSwitch.removeAddress(address);
        for (const port of plan.remove)
            await ports.remove(port);
        await tapSwitch.renewStaticEntries();
        return {
            added,
            removed: plan.remove.map(({ label }) => label),
            changed: plan.set.map(({ port }) => port.label),
        };
    }
    catch (error) {
        for (const undo of wayBack.reverse()) {
            try {
                await undo();
            }
            catch (failure) {
                // The device may be gone. The other steps are undone all the same.
                tapSwitch.journal.log.error(`reload: ${failure.message}`);
            }
        }
        throw error;
    }
}
/** @throws RequestError that names the options that only a restart can change. */
function refuseFixed(config, wanted) {
    const fixed = schema_1.CONFIG_OPTIONS.filter(({ property, live }) => live === undefined && !(0, node_util_1.isDeepStrictEqual)(config[property], wanted[property]));
    if (fixed.length === 0)
        return;
    const keys = fixed.map(({ key }) => key).join(', ');
    throw new request_error_1.RequestError('conflict', `${keys}: cannot change while the switch runs; restart it`);
}
/** @throws RequestError for another prefix length of an address: the switch holds an address only once. */
function refuseOtherPrefix(now, wanted) {
    for (const one of wanted) {
        const { address, prefixLength } = one;
        const held = now.find((own) => (0, own_address_1.ownIdentity)(own) === (0, own_address_1.ownIdentity)(one));
        if (held === undefined || held.prefixLength === prefixLength)
            continue;
        throw new request_error_1.RequestError('conflict', `address: ${address}/${held.prefixLength} cannot become /${prefixLength} while the switch ` +
            'has it; remove it, reload, and add it again');
    }
}
function planPorts(kinds, open, wanted) {
    const byLabel = new Map(open.map((port) => [port.label, port]));
    const kept = new Map();
    const keep = (spec, port) => {
        if (port === undefined)
            return;
        kept.set(spec, port);
        byLabel.delete(port.label);
    };
    for (const spec of wanted.ports)
        keep(spec, byLabel.get((0, port_spec_1.portLabel)(spec)));
    // A pattern keeps a port that was opened with the same pattern, unless the file names that port itself.
    for (const spec of wanted.ports.filter(({ name }) => (0, interface_name_1.isPattern)(name))) {
        const isAsked = (port) => (0, port_spec_1.portLabel)(port.spec) === (0, port_spec_1.portLabel)(spec);
        keep(spec, [...byLabel.values()].find(isAsked));
    }
    return {
        add: wanted.ports.filter((spec) => !kept.has(spec)),
        remove: [...byLabel.values()],
        set: [...kept].flatMap(([spec, port]) => {
            refuseFixedKeys(kinds, port, spec);
            return differenceOf(kinds, port, { offload: wanted.offload, ...spec });
        }),
    };
}
/** @throws RequestError for another value of a key that only a new port can have. */
function refuseFixedKeys(kinds, { kind, label, spec }, wanted) {
    for (const [key, { isFixed, fallback }] of Object.entries(kinds.openKeys(kind))) {
        if (!isFixed || (0, node_util_1.isDeepStrictEqual)(wanted[key] ?? fallback, spec[key] ?? fallback))
            continue;
        const cure = 'remove the port, reload, and add it again';
        throw new request_error_1.RequestError('conflict', `${label}: ${key}: cannot change while it is open; ${cure}`);
    }
}
/** Settings of a port that differ. A key that the file does not give keeps its value, or takes its fallback. */
function differenceOf(kinds, port, wanted) {
    const differing = Object.entries(kinds.liveKeys(port.kind)).flatMap(([key, { when, isFinal = false }]) => {
        const value = wanted[key] ?? port.fallbackOf(key);
        const isSame = value === undefined || (0, node_util_1.isDeepStrictEqual)(value, port.holds(key));
        return isSame || when !== undefined ? [] : [{ key, value, isFinal }];
    });
    if (differing.length === 0)
        return [];
    const those = (areFinal) => Object.fromEntries(differing.filter(({ isFinal }) => isFinal === areFinal).map(({ key, value }) => [key, value]));
    return [{ port, settings: those(false), final: those(true) }];
}
/** Present values of the settings of a port that are about to change. */
function valuesNow(port, settings) {
    return Object.fromEntries(Object.keys(settings).map((key) => [key, port.valueNow(key)]));
}
function without(addresses, others) {
    const identities = new Set(others.map(own_address_1.ownIdentity));
    return addresses.filter((one) => !identities.has((0, own_address_1.ownIdentity)(one)));
}
