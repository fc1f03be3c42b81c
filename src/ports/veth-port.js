"use strict";
/**
 * The port kind `veth`: a pair that the switch makes for another namespace.
 *
 *     NAME in NETNS ── veth pair ── near end ── taken as `nic:` takes an interface ── the switch
 *
 * The inhabitants of the namespace may rename, move and delete the far end. The pair is removed with the port,
 * unless it persists. A switch that is killed leaves the pair. The next switch with the same name in the same
 * namespace takes it unchanged, so that addresses and routes there stay.
 *
 * The near end is in the namespace of this process. Its name follows from the far end, so that two switches
 * cannot make the same pair.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.vethKind = void 0;
const cidr_1 = require("../config/values/cidr");
const interface_rules_1 = require("../config/values/interface-rules");
const rule_1 = require("../config/values/rule");
const station_mac_1 = require("../config/values/station-mac");
const apply_settings_1 = require("../device/apply-settings");
const attach_device_1 = require("../device/attach-device");
const change_1 = require("../device/change");
const companion_1 = require("../device/companion");
const explain_refusal_1 = require("../device/explain-refusal");
const given_addresses_1 = require("../device/given-addresses");
const interface_1 = require("../device/interface");
const link_1 = require("../device/link");
const veth_1 = require("../device/veth");
const native_1 = require("../native/native");
const derived_mac_1 = require("../system/derived-mac");
const netns_1 = require("../system/netns");
const run_as_1 = require("../system/run-as");
const tuntap_error_1 = require("../system/tuntap-error");
const mac_1 = require("../wire/mac");
const nic_port_1 = require("./nic-port");
const fast_key_1 = require("./fast-key");
const offload_key_1 = require("./offload-key");
const port_1 = require("./port");
const retry_pause_1 = require("./retry-pause");
const KEYS = {
    mtu: { rule: interface_rules_1.tapMtu, placeholder: 'N', help: '68 to 65521 bytes, of both ends' },
    mac: { rule: station_mac_1.stationMac, placeholder: 'ADDR', help: 'of the far end' },
    address: {
        rule: cidr_1.cidrText,
        placeholder: 'CIDR',
        help: 'of the far end, such as 192.0.2.1/24; repeatable',
        fallback: [],
        identityOf: cidr_1.addressIn,
    },
    up: { rule: rule_1.onOff, placeholder: 'on|off', help: 'of the far end', when: 'open' },
    existing: {
        rule: rule_1.onOff,
        isFlag: true,
        help: 'the pair must be there already; the switch does not make it',
        when: 'opened',
    },
    persist: {
        rule: rule_1.onOff,
        isFlag: true,
        fallback: false,
        help: 'the pair stays when the switch goes, and the next switch takes it',
    },
    fast: fast_key_1.FAST_KEY,
    offload: offload_key_1.OFFLOAD_KEY,
};
exports.vethKind = {
    name: 'veth',
    placeholder: 'NAME',
    help: 'of one end of a veth pair, which the switch makes and gives to NETNS, such as a container. The ' +
        'switch holds the other end. The pair goes when the switch goes.',
    nameRule: nic_port_1.interfaceOnly,
    hasNetns: true,
    keys: KEYS,
    open: (spec, context) => VethPort.open(spec, context),
    identity: ({ name, netns }) => `interface ${(0, netns_1.netnsOf)(netns).id || netns} ${name}`,
    explain,
};
class VethPort extends port_1.Port {
    context;
    hold;
    obstacle;
    /** Present or last name of the near end. */
    interfaceName = '';
    wasMade = false;
    /** Identity of the namespace of the far end: see `Netns`. */
    netnsId = '';
    wasPlaceLost = false;
    /** Whether the pair stays when the present hold ends. */
    isPairKept = false;
    addresses = new given_addresses_1.GivenAddresses();
    isOffloaded;
    pause = new retry_pause_1.RetryPause(nic_port_1.LONGEST_PAUSE_MS);
    constructor(context, spec) {
        super(context.id, exports.vethKind, spec);
        this.context = context;
        this.isOffloaded = spec.offload ?? context.offloadByDefault;
    }
    static open(spec, context) {
        const port = new VethPort(context, spec);
        port.openPair();
        return port;
    }
    /** Name of the near end, which the host sees. */
    get kernelName() {
        return this.interfaceName;
    }
    /** False: the port has the name of the far end, so another name of the near end is no renaming. */
    get isRenamed() {
        return false;
    }
    get fastLeg() {
        return this.hold?.port.fastLeg ?? null;
    }
    get fastObstacle() {
        if (this.hold === undefined)
            return 'the interface is gone';
        return this.hold.port.fastObstacle;
    }
    get origin() {
        return this.wasMade ? 'made' : 'attached';
    }
    get transport() {
        return this.hold?.port.transport;
    }
    get remarks() {
        return this.hold?.port.remarks ?? [];
    }
    get problem() {
        return super.problem ?? this.hold?.port.problem ?? this.obstacle;
    }
    get hasNews() {
        return this.hold?.port.hasNews === true;
    }
    get isTroubled() {
        return super.isTroubled || this.hold?.port.isTroubled === true;
    }
    get takesOffloads() {
        return this.hold?.port.takesOffloads ?? this.isOffloaded;
    }
    holds(key) {
        if (key === 'mtu')
            return this.mtuBytes;
        return key === 'offload' ? this.isOffloaded : super.holds(key);
    }
    valueNow(key) {
        if (key !== 'mac')
            return super.valueNow(key);
        const mac = this.hold && this.farEnd(this.hold)?.mac;
        return mac && (0, link_1.formatMacBytes)(mac);
    }
    refresh() {
        if (this.hold === undefined)
            return {};
        const { port } = this.hold;
        const { renamedTo: _, ...change } = port.refresh();
        void _;
        this.follow(port);
        // Somebody may have deleted the companion alone. Then the port takes the pair again.
        if (change.isLost)
            this.isPairKept = true;
        return change;
    }
    /** Makes the pair again, because nobody else does. */
    reopen() {
        if (this.hold !== undefined || this.isPlaceOver())
            return false;
        if (!this.pause.isOver(performance.now()))
            return false;
        try {
            this.openPair();
            this.pause.shorten();
            return true;
        }
        catch (error) {
            const isAbsent = (0, native_1.isNativeError)(error) && error.code === 'ENOENT';
            // An attempt that the kernel refuses has made a pair, which the inhabitants of the namespace see.
            if ((0, native_1.isNativeError)(error) && !isAbsent)
                this.pause.begin(performance.now());
            this.obstacle = isAbsent ? undefined : explain(this.namedSpec, error);
            return false;
        }
    }
    forgetPersistence() {
        if (this.wasMade)
            this.asked = { ...this.asked, persist: false };
    }
    release() {
        const { hold } = this;
        const isKept = this.isPairKept || this.holds('persist') === true;
        this.isPairKept = false;
        this.hold = undefined;
        const close = hold?.port.release();
        return async () => {
            await close?.();
            if (!isKept)
                await this.removeRemaining(hold?.near);
        };
    }
    change(settings) {
        const { hold } = this;
        const { offload, fast } = settings;
        if (hold !== undefined) {
            this.changeFarEnd(hold, settings);
            if (offload !== undefined)
                hold.port.set({ offload });
            if (fast !== undefined)
                hold.port.set({ fast });
        }
        this.isOffloaded = offload ?? this.isOffloaded;
    }
    get netnsPath() {
        const { netns } = this.asked;
        return netns === undefined ? undefined : (0, netns_1.netnsPath)(netns);
    }
    get nearName() {
        return (0, veth_1.nearEndOf)(this.name, (0, netns_1.netnsOf)(this.asked.netns).id);
    }
    openPair() {
        const { netnsPath: farNetns } = this;
        const { mtu, mac, address = [] } = this.asked;
        // The look-up comes first, because it reports a namespace that does not exist.
        (0, interface_1.findInterface)(this.name, farNetns);
        const remaining = this.findRemaining();
        const pair = remaining ?? this.make((0, interface_1.findInterface)(this.name, farNetns) !== undefined);
        let port;
        try {
            const { near } = pair;
            this.addresses.forgetAll();
            this.changeFarEnd(pair, { address, ...(remaining !== undefined && { mtu, mac }) });
            (0, link_1.changeLink)(near.index, { isUp: true });
            port = nic_port_1.nicKind.open({ kind: 'nic', name: near.name, offload: this.isOffloaded, fast: this.holds('fast') }, this.context);
            this.changeFarEnd(pair, { up: true });
        }
        catch (error) {
            port
                ?.release()()
                .catch(() => undefined);
            if (remaining === undefined)
                (0, veth_1.removePair)(pair.near);
            throw error;
        }
        this.netnsId = (0, netns_1.netnsOf)(this.asked.netns).id;
        this.wasMade = remaining === undefined;
        this.hold = { ...pair, port };
        this.obstacle = undefined;
        port.refresh();
        this.follow(port);
    }
    /** @param isNameTaken whether an interface has the name of the far end */
    make(isNameTaken) {
        const { name, netnsPath: farNetns, nearName } = this;
        const { mtu, mac, existing } = this.asked;
        if (isNameTaken)
            throw new tuntap_error_1.TunTapError('EEXIST', nameTaken(this.namedSpec));
        if (existing === true) {
            const cure = 'leave out "existing", and the switch makes one';
            throw new tuntap_error_1.TunTapError('ENODEV', `there is no pair that a switch left (ENODEV); ${cure}`);
        }
        return (0, veth_1.makePair)({
            ...{ nearName, farName: name, farNetns, mtuBytes: mtu },
            mac: mac === undefined ? this.ownMac() : (0, mac_1.macBytes)(mac),
        });
    }
    /** The MAC of the far end is the same each time, so that others need not ask for it again. */
    ownMac() {
        const { hi16, lo32 } = (0, derived_mac_1.derivePortMac)(this.context.bridgeName, this.label);
        return Uint8Array.from((0, mac_1.macToBytes)(hi16, lo32));
    }
    /**
     * Finds a pair that a switch has left, with its far end still in the namespace. It removes a pair whose far
     * end was moved away, because nobody can find that end.
     * @throws TunTapError if another switch has the pair, or the near end was not made by a switch
     */
    findRemaining() {
        const { nearName } = this;
        const near = (0, veth_1.findVethEnd)(nearName);
        if (near === 'nothing')
            return undefined;
        if (near === 'other' || !(0, veth_1.isOwnNearEnd)(near, nearName)) {
            const cure = 'remove it or give it another name';
            const what = `${nearName} is an interface of somebody else (EEXIST), and the near end has this name`;
            throw new tuntap_error_1.TunTapError('EEXIST', `${what}; ${cure}`);
        }
        const companion = (0, companion_1.companionOf)(nearName);
        if ((0, interface_1.findInterface)(companion) !== undefined) {
            throw (0, attach_device_1.heldBy)(companion, undefined, 'stop it first: one switch can have a pair');
        }
        const far = (0, veth_1.isLeaving)(near) ? undefined : (0, veth_1.findFarEnd)(near, this.netnsPath);
        if (far !== undefined)
            return { near, far };
        (0, veth_1.removePair)(near);
        return undefined;
    }
    /** Removes the former pair of the port, unless another switch has taken it meanwhile. */
    async removeRemaining(had) {
        try {
            const nearName = had?.name ?? this.nearName;
            const near = (0, veth_1.findVethEnd)(had?.index ?? nearName);
            if (typeof near === 'string' || !(0, veth_1.isOwnNearEnd)(near, nearName))
                return;
            if ((0, interface_1.findInterface)((0, companion_1.companionOf)(nearName)) !== undefined)
                return;
            await (0, veth_1.removeTogether)(near);
        }
        catch (error) {
            // The pair has gone with its namespace in the meantime.
            if (!(0, native_1.isNativeError)(error))
                throw error;
        }
    }
    /**
     * Whether the namespace was given as that of a process, and is gone. The port does not come back then: the
     * path may lead to the namespace of another process later.
     */
    isPlaceOver() {
        const { netns } = this.asked;
        if (netns?.startsWith('/proc/') !== true)
            return false;
        this.wasPlaceLost ||= (0, netns_1.netnsOf)(netns).id !== this.netnsId;
        return this.wasPlaceLost;
    }
    follow({ state, mtuBytes, kernelName }) {
        this.state = state;
        this.mtuBytes = mtuBytes;
        this.interfaceName = kernelName;
    }
    /** Present far end; `undefined` if its inhabitants have moved it away. */
    farEnd({ near }) {
        try {
            return (0, veth_1.findFarEnd)(near, this.netnsPath);
        }
        catch (error) {
            if ((0, native_1.isNativeError)(error) && error.code === 'ENOENT')
                return undefined;
            throw error;
        }
    }
    changeFarEnd(pair, { mtu, mac, address, up }) {
        if ([mtu, mac, address, up].every((value) => value === undefined))
            return;
        const { netnsPath: farNetns } = this;
        const far = this.farEnd(pair);
        if (far === undefined) {
            const what = 'its far end has left the namespace (ENODEV), and cannot be changed';
            throw new tuntap_error_1.TunTapError('ENODEV', `${what}; move it back`);
        }
        const { index, mtuBytes } = far;
        const handle = {
            // Both ends get the MTU: each must take the frames that the other sends.
            setMtu: (bytes) => {
                (0, link_1.changeLink)(index, { mtuBytes: bytes }, farNetns);
                (0, link_1.changeLink)(pair.near.index, { mtuBytes: bytes });
            },
            setMac: (bytes) => (0, link_1.changeLink)(index, { mac: bytes }, farNetns),
            setQueue: (queueFrames) => (0, link_1.changeLink)(index, { queueFrames }, farNetns),
            setUp: (isUp) => (0, link_1.changeLink)(index, { isUp }, farNetns),
        };
        const before = { mtuBytes, queueFrames: undefined, mac: far.mac, isUp: far.isUp };
        const addressSteps = address === undefined ? [] : this.addresses.steps(far, address, farNetns);
        (0, change_1.carryOut)([
            ...(0, change_1.interfaceSteps)(handle, before, {
                mtuBytes: mtu,
                mac: mac === undefined ? undefined : (0, mac_1.macBytes)(mac),
            }),
            ...addressSteps,
            ...(0, change_1.interfaceSteps)(handle, before, { isUp: up }),
        ], apply_settings_1.refusedSetting);
    }
}
function explain(spec, error) {
    if (!(0, native_1.isNativeError)(error))
        return error.message;
    const { syscall, code } = error;
    if (syscall !== 'RTM_NEWLINK')
        return (0, explain_refusal_1.explainRefusal)({ ...spec, mode: 'tap' }, error);
    switch (code) {
        case 'EEXIST':
            return nameTaken(spec);
        case 'EPERM':
            return ('may not make a veth pair, which takes CAP_NET_ADMIN in the namespaces of both ends (EPERM); ' +
                (0, run_as_1.cureForRights)());
        case 'EOPNOTSUPP':
            return 'this kernel makes no veth pairs (EOPNOTSUPP); load the driver: modprobe veth';
        default:
            return `the kernel refuses a veth pair (${(0, explain_refusal_1.kernelsWords)(error)})`;
    }
}
function nameTaken({ name, netns }) {
    const where = netns === undefined ? '' : ' in the namespace';
    const remove = `ip ${netns === undefined ? '' : `-n ${netns} `}link del ${name}`;
    return `there is an interface of this name${where} already (EEXIST); choose another name, or: ${remove}`;
}
