"use strict";
/**
 * The kind of port `nic`: an interface that is there, taken as `ip link set NAME master br0` takes it.
 * A network card, the near end of a veth pair, a kernel VXLAN device, a TAP that QEMU holds.
 *
 *     NAME ── ingress ── redirect ──▶ companion TAP ── the switch reads
 *     NAME ◀── redirect ── ingress ── companion TAP ◀─ the switch writes
 *
 * The companion lives in the interface's namespace and belongs to the switch. What the interface
 * receives does not reach the host's stack. Whatever ends the switch, the companion goes, and with it
 * the redirects and promiscuous mode (`device/redirect.ts` has the exceptions).
 *
 * The companion's name is made of the interface's: two switches cannot take one interface.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.nicKind = exports.interfaceOnly = exports.LONGEST_PAUSE_MS = void 0;
const node_fs_1 = require("node:fs");
const port_spec_1 = require("../config/values/port-spec");
const rule_1 = require("../config/values/rule");
const attach_device_1 = require("../device/attach-device");
const change_1 = require("../device/change");
const companion_1 = require("../device/companion");
const explain_refusal_1 = require("../device/explain-refusal");
const interface_1 = require("../device/interface");
const link_1 = require("../device/link");
const traffic_control_1 = require("../device/traffic-control");
const native_1 = require("../native/native");
const netns_1 = require("../system/netns");
const tuntap_error_1 = require("../system/tuntap-error");
const close_together_1 = require("./close-together");
const fast_key_1 = require("./fast-key");
const fast_legs_1 = require("./fast-legs");
const offload_key_1 = require("./offload-key");
const port_1 = require("./port");
const retry_pause_1 = require("./retry-pause");
/** Milliseconds between two attempts that the kernel refuses, at most. */
exports.LONGEST_PAUSE_MS = 32_000;
/** The longest MTU of a TAP: drivers/net/tun.c, tun_net_init. */
const TAP_MTU_MAX = 65_521;
const KEYS = { fast: fast_key_1.FAST_KEY, offload: offload_key_1.OFFLOAD_KEY };
/** The name of one interface: a pattern means none that is there. */
exports.interfaceOnly = (0, rule_1.mapRule)(port_spec_1.tapName, (name) => {
    if (name.includes('%')) {
        throw new rule_1.ValueError(`${name}: a pattern names no interface that is there`);
    }
    return name;
});
exports.nicKind = {
    name: 'nic',
    placeholder: 'NAME',
    help: 'of an interface that is there, taken as "ip link set NAME master br0" takes it: a network card, ' +
        'a veth, a VXLAN device, a TAP that QEMU holds. It is given back when the switch goes.',
    nameRule: exports.interfaceOnly,
    hasNetns: true,
    keys: KEYS,
    open: (spec, context) => NicPort.open(spec, context),
    identity: ({ name, netns }) => `interface ${(0, netns_1.netnsOf)(netns).id || netns} ${name}`,
    explain: (spec, error) => (0, native_1.isNativeError)(error)
        ? (0, explain_refusal_1.explainRefusal)({ ...spec, mode: 'tap' }, error)
        : error.message,
};
class NicPort extends port_1.Port {
    origin = 'taken';
    hold;
    obstacle;
    interfaceName;
    isOffloaded;
    pause = new retry_pause_1.RetryPause(exports.LONGEST_PAUSE_MS);
    fastLegs;
    constructor({ id, offloadByDefault, shared }, spec) {
        super(id, exports.nicKind, spec);
        this.fastLegs = fast_legs_1.FastLegs.of(shared);
        this.interfaceName = spec.name;
        this.isOffloaded = spec.offload ?? offloadByDefault;
    }
    static open(spec, context) {
        const port = new NicPort(context, spec);
        port.take();
        return port;
    }
    get kernelName() {
        return this.interfaceName;
    }
    get transport() {
        if (this.hold === undefined)
            return undefined;
        const { fd, hasVnetHeader } = this.hold.companion;
        return { fd, kind: 'device', framing: hasVnetHeader ? 'vnet' : 'plain' };
    }
    get problem() {
        return super.problem ?? this.obstacle;
    }
    /** The kernel tells of a namespace; the question whether it is about this interface costs little. */
    get hasNews() {
        return this.hold !== undefined;
    }
    get takesOffloads() {
        return this.isOffloaded && this.hold?.companion.hasVnetHeader !== false;
    }
    get fastLeg() {
        return this.holds('fast') === false ? null : (this.hold?.leg ?? null);
    }
    get fastObstacle() {
        if (this.holds('fast') === false)
            return 'fast=off';
        const { hold } = this;
        if (hold === undefined)
            return 'the interface is gone';
        if (hold.leg === undefined)
            return hold.fastObstacle;
        return this.fastLegs.obstacleOf(this.id);
    }
    get remarks() {
        const { hold } = this;
        if (hold === undefined)
            return [];
        const addresses = ((0, link_1.listAddresses)(this.netnsPath).get(hold.index) ?? []).filter(({ address }) => !address.startsWith('fe80:'));
        const unreachable = addresses.map(({ address }) => `${address}: this address of the host cannot be reached while the switch has the interface; ` +
            'give it to a TAP port of the switch, which is the leg of the host');
        const { fastObstacle } = hold;
        return fastObstacle === undefined
            ? unreachable
            : [...unreachable, `has no fast path: ${fastObstacle}`];
    }
    holds(key) {
        return key === 'offload' ? this.isOffloaded : super.holds(key);
    }
    refresh() {
        const { hold } = this;
        if (hold === undefined)
            return {};
        try {
            const now = this.find(hold);
            this.obstacle = undefined;
            if (now !== undefined)
                return this.follow(hold, now);
        }
        catch (error) {
            if (!(0, native_1.isNativeError)(error))
                throw error;
            // What is not known now is as it was.
            this.obstacle = exports.nicKind.explain(this.namedSpec, error);
            return {};
        }
        const change = { isLost: true, ...(this.state !== 'gone' && { state: 'gone' }) };
        this.state = 'gone';
        return change;
    }
    reopen() {
        if (this.hold !== undefined || !this.pause.isOver(performance.now()))
            return false;
        try {
            this.take();
            this.pause.shorten();
            return true;
        }
        catch (error) {
            // An attempt that the kernel refuses has made a companion, and whoever lists interfaces sees it.
            if ((0, native_1.isNativeError)(error))
                this.pause.begin(performance.now());
            if (error instanceof tuntap_error_1.TunTapError && error.code === 'ENODEV')
                this.obstacle = undefined;
            else
                this.obstacle = exports.nicKind.explain(this.namedSpec, error);
            return false;
        }
    }
    /** The interface is as it was before when the redirects are closed; that is at once. */
    release() {
        const { hold } = this;
        this.hold = undefined;
        if (hold === undefined)
            return () => Promise.resolve();
        letGo(hold);
        return () => (0, close_together_1.closeTogether)(hold.companion);
    }
    change({ offload }) {
        const companion = this.hold?.companion;
        if (offload === undefined || offload === this.isOffloaded)
            return;
        if (companion !== undefined) {
            (0, change_1.carryOut)([{ what: 'offloads', apply: () => companion.setOffload(offload) }]);
        }
        this.isOffloaded = offload;
    }
    get netnsPath() {
        const { netns } = this.asked;
        return netns === undefined ? undefined : (0, netns_1.netnsPath)(netns);
    }
    /** @returns `undefined` where the interface, its namespace or the companion has gone */
    find({ index, netnsId, companionIndex }) {
        // The path may lead to another namespace by now, where the index means another interface.
        if ((0, netns_1.netnsOf)(this.asked.netns).id !== netnsId)
            return undefined;
        if ((0, interface_1.findInterface)(companionIndex, this.netnsPath) === undefined)
            return undefined;
        return (0, interface_1.findInterface)(index, this.netnsPath);
    }
    follow(hold, now) {
        const { companion } = hold;
        const { isUp, name } = now;
        const state = isUp ? 'up' : 'down';
        const mtuBytes = Math.min(now.mtuBytes, TAP_MTU_MAX);
        // Somebody may have changed the companion; it is as the switch needs it afterwards.
        const { mtu, up } = companion.readState();
        if (mtu !== mtuBytes)
            companion.setMtu(mtuBytes);
        if (!up)
            companion.setUp(true);
        if (hold.leg !== undefined)
            hold.leg = this.fastLegs.renew(hold.leg, hold.at, now);
        const change = {
            ...(state !== this.state && { state }),
            ...(mtuBytes !== this.mtuBytes && { mtuBytes }),
            ...(name !== this.interfaceName && { renamedTo: name }),
        };
        this.state = state;
        this.mtuBytes = mtuBytes;
        this.interfaceName = name;
        return change;
    }
    take() {
        const { name } = this;
        const netnsId = (0, netns_1.netnsOf)(this.asked.netns).id;
        const taken = (0, interface_1.findInterface)(name, this.netnsPath);
        refuseInterface(name, taken, this.netnsPath);
        const at = { index: taken.index, netnsPath: this.netnsPath };
        const companion = this.makeCompanion(taken);
        const redirects = [];
        try {
            // A switch that was killed may have left some of these.
            (0, traffic_control_1.removeRemains)(at);
            const companionIndex = indexOf(companion, this.netnsPath);
            const joined = this.fastLegs.join(this.id, at, taken, companionIndex);
            redirects.push(...joined.redirects);
            const { PromiscuousMode } = (0, native_1.native)();
            const promiscuousMode = new PromiscuousMode(taken.index, this.netnsPath);
            const { leg, obstacle: fastObstacle } = joined;
            const { index } = taken;
            const held = { index, netnsId, companion, companionIndex, redirects, promiscuousMode };
            this.hold = { ...held, at, leg, fastObstacle };
        }
        catch (error) {
            for (const redirect of redirects)
                redirect.close();
            companion.close();
            throw error;
        }
        this.obstacle = undefined;
        this.interfaceName = taken.name;
        this.state = taken.isUp ? 'up' : 'down';
        this.mtuBytes = Math.min(taken.mtuBytes, TAP_MTU_MAX);
    }
    makeCompanion({ name, mtuBytes }) {
        const { netns } = this.asked;
        const companionName = (0, companion_1.companionOf)(name);
        const inNetns = this.netnsPath === undefined ? {} : { netnsPath: this.netnsPath };
        let companion;
        try {
            companion = (0, attach_device_1.attachDevice)({
                ...{ name: companionName, onlyExisting: false, onlyNew: true, persist: false, up: false },
                ...{ vnetHeader: true, offload: this.isOffloaded },
                ...{ mtu: Math.min(mtuBytes, TAP_MTU_MAX), ...inNetns },
            }, netns);
        }
        catch (error) {
            if (!(0, native_1.isNativeError)(error) || error.code !== 'EEXIST')
                throw error;
            throw (0, attach_device_1.heldBy)(companionName, netns, 'stop it first: one switch can take an interface', error);
        }
        try {
            (0, interface_1.silence)(companionName, (0, companion_1.companionAlias)(name), this.netnsPath);
            companion.setUp(true);
            return companion;
        }
        catch (error) {
            companion.close();
            throw error;
        }
    }
}
function indexOf(tap, netns) {
    const found = (0, interface_1.findInterface)(tap.name, netns);
    if (found === undefined)
        throw new tuntap_error_1.TunTapError('ENODEV', `${tap.name}: was deleted meanwhile`);
    return found.index;
}
function letGo({ redirects, promiscuousMode }) {
    promiscuousMode.close();
    for (const redirect of [...redirects].reverse())
        redirect.close();
}
/** @throws TunTapError where a bridge could not take the interface either */
function refuseInterface(name, found, path) {
    if (found === undefined) {
        const cure = `ip link shows which there are; for a TAP of the switch leave out "nic:"`;
        throw new tuntap_error_1.TunTapError('ENODEV', `there is no interface of this name (ENODEV); ${cure}`);
    }
    if (found.isLoopback) {
        throw new tuntap_error_1.TunTapError('EINVAL', 'is the loopback interface, which no bridge can take');
    }
    if (!found.isEthernet) {
        throw new tuntap_error_1.TunTapError('EINVAL', 'is no Ethernet interface: its packets have no MAC addresses');
    }
    if (found.master !== undefined) {
        const master = (0, interface_1.findInterface)(found.master, path)?.name ?? `interface ${found.master}`;
        throw new tuntap_error_1.TunTapError('EBUSY', `is a member of ${master} (EBUSY); take it out first: ip link set ${name} nomaster`);
    }
    if (path === undefined && (0, node_fs_1.existsSync)(`/sys/class/net/${name}/wireless`)) {
        throw new tuntap_error_1.TunTapError('EOPNOTSUPP', 'is a wireless interface, whose access point drops the frames of other stations; ' +
            'use routing instead');
    }
}
