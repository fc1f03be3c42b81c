"use strict";
/**
 * The kind of port `tap`: a TAP whose descriptor the switch holds. It opens the TAP, asks the kernel for its
 * state, and attaches again when another program has made the TAP again.
 *
 * The name of a port is the one that was asked for, and never changes. A guest can rename an interface in
 * its own namespace, so the switch does not rely on the name of the interface.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.tapKind = void 0;
const cidr_1 = require("../config/values/cidr");
const interface_name_1 = require("../config/values/interface-name");
const interface_rules_1 = require("../config/values/interface-rules");
const port_spec_1 = require("../config/values/port-spec");
const rule_1 = require("../config/values/rule");
const station_mac_1 = require("../config/values/station-mac");
const apply_settings_1 = require("../device/apply-settings");
const attach_device_1 = require("../device/attach-device");
const change_1 = require("../device/change");
const explain_refusal_1 = require("../device/explain-refusal");
const given_addresses_1 = require("../device/given-addresses");
const interface_1 = require("../device/interface");
const link_1 = require("../device/link");
const native_1 = require("../native/native");
const accounts_1 = require("../system/accounts");
const netns_1 = require("../system/netns");
const tuntap_error_1 = require("../system/tuntap-error");
const mac_1 = require("../wire/mac");
const close_together_1 = require("./close-together");
const offload_key_1 = require("./offload-key");
const port_1 = require("./port");
const OTHERS_DEVICE = 'owner= and group= are for a TAP that the switch makes; this one was there before: leave them out, ' +
    'or remove it first';
const KEYS = {
    mtu: { rule: interface_rules_1.tapMtu, placeholder: 'N', help: '68 to 65521 bytes' },
    queue: {
        rule: interface_rules_1.queueFrames,
        placeholder: 'N',
        help: '1 to 524288 frames that may wait for the switch (txqueuelen)',
    },
    mac: {
        rule: station_mac_1.stationMac,
        placeholder: 'ADDR',
        help: "MAC address of the TAP, which is the station's end of the wire",
    },
    address: {
        rule: cidr_1.cidrText,
        placeholder: 'CIDR',
        help: "of the interface, such as 192.0.2.1/24; repeatable. With one, a TAP in the switch's own namespace is the " +
            'leg of the host on the bridge',
        fallback: [],
        identityOf: cidr_1.addressIn,
    },
    up: { rule: rule_1.onOff, placeholder: 'on|off', help: 'sets the interface up or down', when: 'open' },
    existing: {
        rule: rule_1.onOff,
        isFlag: true,
        help: 'the TAP must exist; the switch does not make it',
        when: 'opened',
    },
    persist: {
        rule: rule_1.onOff,
        isFlag: true,
        fallback: false,
        help: 'a TAP that the switch makes stays when the switch stops',
    },
    owner: {
        rule: interface_rules_1.account,
        placeholder: 'USER',
        help: 'user who may attach to a TAP that the switch makes, by name or number',
        isFinal: true,
        verify: (user) => (0, accounts_1.lookUpUser)(user),
    },
    group: {
        rule: interface_rules_1.account,
        placeholder: 'GROUP',
        help: 'group whose members may attach to it, by name or number',
        isFinal: true,
        verify: (group) => (0, accounts_1.lookUpGroup)(group),
    },
    offload: offload_key_1.OFFLOAD_KEY,
};
exports.tapKind = {
    name: 'tap',
    placeholder: 'NAME',
    help: 'name of a TAP, 1 to 15 bytes. The switch attaches to a TAP that exists, which stays when the ' +
        'switch stops. It makes a TAP that does not exist, and deletes it when it stops. In "tap%d" the ' +
        'kernel chooses the number.',
    nameRule: port_spec_1.tapName,
    hasNetns: true,
    keys: KEYS,
    open: (spec, context) => TapPort.open(spec, context),
    identity: ({ name, netns }) => 
    // A namespace may be given by its name, by several paths and by links, so its id identifies it. A
    // namespace that does not exist has no id; its name identifies it.
    (0, interface_name_1.isPattern)(name) ? undefined : `interface ${(0, netns_1.netnsOf)(netns).id || netns} ${name}`,
    explain: (spec, error) => `${explainTap(spec, error)}${cureByNic(spec, error)}`,
};
function explainTap(spec, error) {
    if (!(0, native_1.isNativeError)(error))
        return error.message;
    return (0, explain_refusal_1.explainRefusal)({ ...spec, mode: 'tap' }, error);
}
/**
 * The way to a port for an interface that cannot be opened as a TAP: one of another kind, or a TAP
 * that another program holds.
 */
function cureByNic({ name, netns }, error) {
    const isOther = (0, native_1.isNativeError)(error) && error.syscall === 'TUNSETIFF' && error.code === 'EINVAL';
    const isHeld = ((0, native_1.isNativeError)(error) || error instanceof tuntap_error_1.TunTapError) && error.code === 'EBUSY';
    if (!isHeld && !(isOther && error.detail !== undefined && canBeTaken(error.detail)))
        return '';
    const port = (0, port_spec_1.portLabel)({ kind: 'nic', name, ...(netns && { netns }) });
    return `, or take the interface as it is: ${port} (docs/recipes.md)`;
}
/** @param driver as ETHTOOL_GDRVINFO has it; `?` stands for none, as the loopback interface has */
function canBeTaken(driver) {
    return !driver.startsWith('tun/') && driver !== 'bridge' && driver !== '?';
}
class TapPort extends port_1.Port {
    /** Maximum number of frames that wait for the switch (txqueuelen), by the last report of the kernel. */
    queueFrames;
    /** MAC of the interface, by the last report of the kernel. */
    mac;
    deviceProblem;
    tap;
    wasMade = false;
    interfaceName;
    isOffloaded;
    addresses = new given_addresses_1.GivenAddresses();
    bridgeName;
    /** Index of the interface in the namespace in which it was opened. */
    index = 0;
    /** Whether that is the namespace of the switch. */
    isHere;
    /** MTU that the port was given to follow the others. */
    followedMtuBytes = 0;
    constructor({ id, offloadByDefault, bridgeName }, spec) {
        super(id, exports.tapKind, spec);
        this.isHere = spec.netns === undefined || (0, netns_1.netnsOf)(spec.netns).id === (0, netns_1.netnsOf)().id;
        this.bridgeName = bridgeName;
        this.interfaceName = spec.name;
        this.isOffloaded = spec.offload ?? offloadByDefault;
    }
    static open(spec, context) {
        const port = new TapPort(context, spec);
        refusePatternOfExisting(spec);
        refuseOthersDevice(spec);
        port.openDevice(spec, spec.existing);
        if ((0, interface_name_1.isPattern)(spec.name))
            port.name = port.interfaceName;
        return port;
    }
    get kernelName() {
        return this.interfaceName;
    }
    get origin() {
        return this.wasMade ? 'made' : 'attached';
    }
    get transport() {
        const { tap } = this;
        if (tap === undefined)
            return undefined;
        return { fd: tap.fd, kind: 'device', framing: tap.hasVnetHeader ? 'vnet' : 'plain' };
    }
    get problem() {
        return super.problem ?? this.deviceProblem;
    }
    get hasNews() {
        return this.tap?.hasNews === true;
    }
    get isTroubled() {
        return super.isTroubled || this.tap?.isNetnsLost === true;
    }
    get takesOffloads() {
        return this.isOffloaded && this.tap?.hasVnetHeader !== false;
    }
    get hostMac() {
        return this.isHostLeg ? this.mac : undefined;
    }
    get wantsLeastMtu() {
        return this.isHostLeg && this.asked['mtu'] === undefined;
    }
    /** The host is trusted: a router, and often a DHCP server. */
    fallbackOf(key) {
        return key === 'trusted' && this.isHostLeg ? true : super.fallbackOf(key);
    }
    /** Least MTU of the other ports, as on the Linux bridge, until somebody sets the MTU (`br_mtu_auto_adjust`). */
    setLeastMtu(mtuBytes) {
        if (this.tap === undefined || this.mtuBytes !== this.followedMtuBytes)
            return;
        this.tap.setMtu(mtuBytes);
        this.followedMtuBytes = mtuBytes;
    }
    /** Value of a key. For the MTU it is the present one, because anybody may change it. */
    holds(key) {
        if (key === 'mtu')
            return this.mtuBytes;
        return key === 'offload' ? this.isOffloaded : super.holds(key);
    }
    valueNow(key) {
        if (key === 'queue')
            return this.queueFrames;
        return key === 'mac' ? this.mac : super.valueNow(key);
    }
    refresh() {
        if (this.tap === undefined)
            return {};
        const now = this.tap.readState();
        this.deviceProblem =
            now.gone || now.obstacle === undefined ? undefined : this.explain(now.obstacle, now.name);
        const state = now.gone ? 'gone' : now.up ? 'up' : 'down';
        const change = {
            ...(state !== this.state && { state }),
            ...(!now.gone && now.mtu > 0 && now.mtu !== this.mtuBytes && { mtuBytes: now.mtu }),
            ...(now.name !== this.interfaceName && { renamedTo: now.name }),
            ...(now.gone && { isLost: true }),
        };
        this.state = state;
        this.mtuBytes = change.mtuBytes ?? this.mtuBytes;
        this.interfaceName = now.name;
        this.queueFrames = now.queueFrames ?? this.queueFrames;
        this.mac = now.mac === undefined ? this.mac : (0, link_1.formatMacBytes)(now.mac);
        return change;
    }
    /**
     * Attaches to a TAP that another program has made under the port's name, after the port's own TAP was
     * deleted. It makes no TAP and changes none.
     */
    reopen() {
        if (this.tap !== undefined)
            return false;
        const { netns } = this.asked;
        try {
            this.openDevice({ name: this.name, ...(netns !== undefined && { netns }) }, true);
            return true;
        }
        catch (error) {
            // The TAP may not exist yet, may be held by another program, or may not be opened: the port tries again.
            if (error instanceof tuntap_error_1.TunTapError)
                this.deviceProblem = error.message;
            else if (!(0, native_1.isNativeError)(error))
                throw error;
            else
                this.deviceProblem = isAbsence(error) ? undefined : this.explain(error);
            return false;
        }
    }
    /** Gives a TAP that replaces another the settings that were asked for, also while there was none. */
    applyKept() {
        const { mtu, queue, mac, address } = this.asked;
        this.change({ mtu, queue, mac, address });
        this.refresh();
    }
    check(settings) {
        const { up, owner, group } = settings;
        idsOf(settings);
        // The switch makes no TAP in place of one that is gone, so that it cannot set the owner of such a TAP.
        if ((owner !== undefined || group !== undefined) && this.tap?.created !== true) {
            throw new tuntap_error_1.TunTapError('EPERM', OTHERS_DEVICE);
        }
        if (up !== undefined && this.tap === undefined) {
            const cure = 'make the TAP again, and then set it';
            throw new tuntap_error_1.TunTapError('ENODEV', `up: the TAP was deleted; ${cure}`);
        }
    }
    releaseNetns() {
        this.tap?.releaseNetns();
    }
    forgetPersistence() {
        const { tap } = this;
        if (this.holds('persist') !== true || tap === undefined)
            return;
        try {
            tap.setPersist(!tap.created);
        }
        catch (error) {
            // The TAP is gone or out of reach.
            if (!(0, native_1.isNativeError)(error))
                throw error;
        }
    }
    /** Gives up the TAP. The kernel deletes it when it is closed, if the switch made it and it does not persist. */
    release() {
        const { tap } = this;
        this.tap = undefined;
        if (tap === undefined)
            return () => Promise.resolve();
        if (!tap.created)
            this.addresses.takeBack(this.link, this.netnsPath);
        return () => (0, close_together_1.closeTogether)(tap);
    }
    change(settings) {
        const { tap } = this;
        if (tap === undefined)
            this.keep(settings);
        else
            (0, change_1.carryOut)(this.steps(tap, settings), explainStep);
        this.isOffloaded = settings.offload ?? this.isOffloaded;
    }
    /** Keeps settings for the TAP that will replace the one that is gone: see `applyKept`. */
    keep(settings) {
        this.check(settings);
        this.mtuBytes = settings.mtu ?? this.mtuBytes;
    }
    steps(tap, settings) {
        const { mtu, queue, mac, address, up, persist, offload } = settings;
        const { owner, group } = idsOf(settings);
        const now = tap.readState();
        const steps = [];
        const before = { mtuBytes: now.mtu, queueFrames: now.queueFrames, mac: now.mac, isUp: now.up };
        if (offload !== undefined && offload !== this.isOffloaded) {
            steps.push({
                what: 'offloads',
                apply: () => tap.setOffload(offload),
                undo: () => tap.setOffload(!offload),
            });
        }
        steps.push(...(0, change_1.interfaceSteps)(tap, before, {
            mtuBytes: mtu,
            queueFrames: queue,
            mac: mac === undefined ? undefined : (0, mac_1.macBytes)(mac),
        }), ...(address === undefined ? [] : this.addressSteps(tap, address)), ...(0, change_1.interfaceSteps)(tap, before, { isUp: up }));
        // The kernel refuses none of these for a device that exists. A TAP that the switch found always stays.
        if (persist !== undefined) {
            const set = (stays) => tap.setPersist(stays === true || !tap.created);
            const undo = () => set(this.holds('persist'));
            steps.push({ what: 'to stay', apply: () => set(persist), undo });
        }
        if (owner !== undefined)
            steps.push({ what: 'the owner', apply: () => tap.setOwner(owner) });
        if (group !== undefined)
            steps.push({ what: 'the group', apply: () => tap.setGroup(group) });
        return steps;
    }
    /** @throws TunTapError where the interface is no longer where it was opened */
    addressSteps(tap, address) {
        const found = (0, interface_1.findInterface)(this.index, this.netnsPath);
        if (found === undefined || found.name !== tap.readState().name) {
            const what = 'was moved to another network namespace, where the switch changes no addresses';
            throw new tuntap_error_1.TunTapError('ENODEV', `${what} (ENODEV); move it back`);
        }
        return this.addresses.steps(found, address, this.netnsPath);
    }
    giveAddresses(tap, address) {
        try {
            (0, change_1.carryOut)(this.addressSteps(tap, address), apply_settings_1.refusedSetting);
        }
        catch (error) {
            if (tap.created)
                tap.setPersist(false);
            tap.close();
            throw error;
        }
    }
    openDevice(spec, onlyExisting = false) {
        const tap = this.attach(spec.netns, {
            name: spec.name,
            vnetHeader: true,
            offload: this.isOffloaded,
            onlyExisting,
            persist: spec.persist === true,
            ...(spec.netns !== undefined && { netnsPath: (0, netns_1.netnsPath)(spec.netns) }),
            ...(spec.mtu !== undefined && { mtu: spec.mtu }),
            ...(spec.queue !== undefined && { queueFrames: spec.queue }),
            ...(spec.mac !== undefined && { mac: (0, mac_1.macBytes)(spec.mac) }),
            ...idsOf(spec),
        });
        this.addresses.forgetAll();
        this.index = (0, interface_1.findInterface)(tap.name, this.netnsPath)?.index ?? 0;
        if (spec.address !== undefined)
            this.giveAddresses(tap, spec.address);
        this.tap = tap;
        this.interfaceName = tap.name;
        this.wasMade = tap.created;
        this.refresh();
        this.followedMtuBytes = this.mtuBytes;
    }
    /**
     * Attaches with a vnet header even without offloads: so offloads can be turned on later without opening
     * the TAP again. On a kernel without the vnet header, it attaches without one.
     */
    attach(netns, options) {
        try {
            return (0, attach_device_1.attachDevice)(options, netns);
        }
        catch (error) {
            if (!(0, native_1.isNativeError)(error) || !isHeaderRefusal(error))
                throw error;
            return (0, attach_device_1.attachDevice)({ ...options, vnetHeader: false, offload: false }, netns);
        }
    }
    get netnsPath() {
        const { netns } = this.asked;
        return netns === undefined ? undefined : (0, netns_1.netnsPath)(netns);
    }
    get link() {
        return { index: this.index, name: this.interfaceName };
    }
    /** Whether the host itself is at the other end: a TAP of the bridge's name, or one with an address. */
    get isHostLeg() {
        const { address = [] } = this.asked;
        return this.isHere && (address.length > 0 || this.name === this.bridgeName);
    }
    explain(error, name = this.kernelName) {
        return exports.tapKind.explain({ ...this.namedSpec, name }, error);
    }
}
/** Refused addresses are told by rtnetlink's own words, and the rest by `explainRefusal`. */
function explainStep(what, error) {
    const isAddress = (0, native_1.isNativeError)(error) && /^RTM_(NEW|DEL)ADDR$/.test(error.syscall);
    return isAddress ? (0, apply_settings_1.refusedSetting)(what, error) : error;
}
/** @throws TunTapError for `existing` with a pattern: the kernel makes a new TAP of a pattern */
function refusePatternOfExisting({ name, existing }) {
    if (existing !== true || !(0, interface_name_1.isPattern)(name))
        return;
    const message = `existing: the kernel makes a new TAP of "${name}"; give the name of one, or leave it out`;
    throw new tuntap_error_1.TunTapError('EINVAL', message);
}
/**
 * Refuses to change the owner of an existing TAP: otherwise every user of the control socket could take over
 * any TAP of the machine. A TAP that an earlier run made to persist has the requested owner already.
 * @throws TunTapError if the TAP exists with another owner or group
 */
function refuseOthersDevice(spec) {
    const { name, netns } = spec;
    const { owner, group } = idsOf(spec);
    if ((owner === undefined && group === undefined) || (0, interface_name_1.isPattern)(name))
        return;
    const link = (0, link_1.findLink)(name, netns === undefined ? undefined : (0, netns_1.netnsPath)(netns));
    // A TAP that does not exist will be made. An interface of another kind is refused later.
    if (typeof link === 'string')
        return;
    const isTheirs = (owner ?? link.owner) === link.owner && (group ?? link.group) === link.group;
    if (!isTheirs)
        throw new tuntap_error_1.TunTapError('EPERM', OTHERS_DEVICE);
}
/** Whether the kernel may have refused the vnet header: TUNSETIFF does not say which flag it was. */
function isHeaderRefusal({ syscall, code }) {
    if (syscall === 'TUNSETIFF')
        return code === 'EINVAL';
    return syscall === 'TUNGETVNETHDRSZ' || syscall === 'TUNSETVNETHDRSZ';
}
/** @throws TunTapError if there is no such user or group. */
function idsOf({ owner, group }) {
    return {
        ...(owner !== undefined && { owner: (0, accounts_1.lookUpUser)(owner) }),
        ...(group !== undefined && { group: (0, accounts_1.lookUpGroup)(group) }),
    };
}
/** Whether there is no device of this name, or no such namespace. */
function isAbsence({ code }) {
    return code === 'ENODEV' || code === 'ENOENT';
}
