"use strict";
/**
 * Filters at the ingress of an interface (tc, qdisc clsact), for kernels that cannot attach a program
 * by descriptor. They stay when the process is killed: `removeRemains` takes them away.
 *
 * Source: linux/pkt_sched.h, linux/pkt_cls.h, linux/tc_act/tc_mirred.h; net/sched/cls_bpf.c,
 * cls_u32.c, act_mirred.c.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.addProgramFilter = addProgramFilter;
exports.queueNothing = queueNothing;
exports.addRedirectFilter = addRedirectFilter;
exports.removeRemains = removeRemains;
const route_1 = require("./route");
const rtnetlink_1 = require("./rtnetlink");
/** TC_H_CLSACT, and what lies beneath it: TC_H_MIN_INGRESS, TC_H_MIN_EGRESS. */
const CLSACT = 0xfffffff1;
const CLSACT_HANDLE = 0xffff0000;
const INGRESS = 0xfffffff2;
/** TC_H_ROOT. */
const ROOT = 0xffffffff;
const EGRESS = 0xfffffff3;
/** Priority of our filters, which nobody else would choose: it is how they are known again. */
const PRIORITY = 0x7473;
/** ETH_P_ALL in network order. */
const ALL_PROTOCOLS = 0x0300;
const INFO = PRIORITY * 0x10000 + ALL_PROTOCOLS;
const BpfAttribute = { Fd: 6, Name: 7, Flags: 8 };
/** The program's result is the verdict. */
const ACT_DIRECT = 1;
const U32Attribute = { Selector: 5, Actions: 7 };
const ActionAttribute = { Kind: 1, Options: 2 };
const MIRRED_PARAMETERS = 2;
/** TC_ACT_STOLEN: the frame has gone where it was sent. */
const STOLEN = 4;
const EGRESS_REDIRECT = 1;
const EEXIST = 17;
const ENOENT = 2;
const EINVAL = 22;
/** Has a loaded program decide about each frame. @throws NativeError */
function addProgramFilter(at, programFd) {
    addFilter(at, 'bpf', [
        (0, rtnetlink_1.encodeAttribute)(BpfAttribute.Fd, (0, rtnetlink_1.encodeU32)(programFd)),
        (0, rtnetlink_1.encodeAttribute)(BpfAttribute.Name, (0, rtnetlink_1.encodeName)('tapswitch')),
        (0, rtnetlink_1.encodeAttribute)(BpfAttribute.Flags, (0, rtnetlink_1.encodeU32)(ACT_DIRECT)),
    ]);
}
/**
 * Has an interface queue nothing: a frame that was sent by it is with its reader, whichever processor sent
 * it. A kernel that refuses leaves it as it is.
 */
function queueNothing(at) {
    const flags = rtnetlink_1.Flag.Acknowledge | rtnetlink_1.Flag.Create | rtnetlink_1.Flag.Replace;
    const qdisc = { index: at.index, parent: ROOT };
    try {
        send(at, rtnetlink_1.Message.NewQdisc, flags, qdisc, 'RTM_NEWQDISC', [
            (0, rtnetlink_1.encodeAttribute)(rtnetlink_1.TrafficAttribute.Kind, (0, rtnetlink_1.encodeName)('noqueue')),
        ]);
    }
    catch (error) {
        if (!(error instanceof route_1.RouteRefusal))
            throw error;
    }
}
/** Sends each frame out of another interface without eBPF: classifier u32, action mirred. */
function addRedirectFilter(at, toIndex) {
    const action = (0, rtnetlink_1.encodeAttribute)(1, Buffer.concat([
        (0, rtnetlink_1.encodeAttribute)(ActionAttribute.Kind, (0, rtnetlink_1.encodeName)('mirred')),
        (0, rtnetlink_1.encodeAttribute)(ActionAttribute.Options, (0, rtnetlink_1.encodeAttribute)(MIRRED_PARAMETERS, mirredParameters(toIndex))),
    ]));
    addFilter(at, 'u32', [
        (0, rtnetlink_1.encodeAttribute)(U32Attribute.Selector, selectorOfAll()),
        (0, rtnetlink_1.encodeAttribute)(U32Attribute.Actions, action),
    ]);
}
/**
 * Takes away what a switch that was killed, or this one, has left at an interface: its filter, and
 * the qdisc where no other filter needs it.
 * @returns whether there was any
 */
function removeRemains(at) {
    if (!filtersOf(at, INGRESS).some(isOurs))
        return false;
    const filter = { index: at.index, parent: INGRESS, info: INFO };
    send(at, rtnetlink_1.Message.DeleteFilter, rtnetlink_1.Flag.Acknowledge, filter, 'RTM_DELTFILTER');
    const isNeeded = [INGRESS, EGRESS].some((parent) => filtersOf(at, parent).length > 0);
    const qdisc = { index: at.index, handle: CLSACT_HANDLE, parent: CLSACT };
    if (!isNeeded)
        send(at, rtnetlink_1.Message.DeleteQdisc, rtnetlink_1.Flag.Acknowledge, qdisc, 'RTM_DELQDISC');
    return true;
}
function addFilter(at, kind, options) {
    makeClsact(at);
    const flags = rtnetlink_1.Flag.Acknowledge | rtnetlink_1.Flag.Create | rtnetlink_1.Flag.Exclusive;
    const filter = { index: at.index, parent: INGRESS, info: INFO };
    send(at, rtnetlink_1.Message.NewFilter, flags, filter, 'RTM_NEWTFILTER', [
        (0, rtnetlink_1.encodeAttribute)(rtnetlink_1.TrafficAttribute.Kind, (0, rtnetlink_1.encodeName)(kind)),
        (0, rtnetlink_1.encodeAttribute)(rtnetlink_1.TrafficAttribute.Options, Buffer.concat(options)),
    ]);
}
/** Somebody else's is as good: filters of several owners share it. */
function makeClsact(at) {
    const flags = rtnetlink_1.Flag.Acknowledge | rtnetlink_1.Flag.Create | rtnetlink_1.Flag.Exclusive;
    const qdisc = { index: at.index, handle: CLSACT_HANDLE, parent: CLSACT };
    try {
        send(at, rtnetlink_1.Message.NewQdisc, flags, qdisc, 'RTM_NEWQDISC', [
            (0, rtnetlink_1.encodeAttribute)(rtnetlink_1.TrafficAttribute.Kind, (0, rtnetlink_1.encodeName)('clsact')),
        ]);
    }
    catch (error) {
        if (!(error instanceof route_1.RouteRefusal && error.errno === EEXIST))
            throw error;
    }
}
/** The filters of one side; none where there is no clsact. */
function filtersOf(at, parent) {
    const request = (0, rtnetlink_1.encodeMessage)(rtnetlink_1.Message.GetFilter, rtnetlink_1.Flag.Dump, (0, rtnetlink_1.encodeTrafficPart)({ index: at.index, parent }));
    try {
        return (0, route_1.ask)(request, 'RTM_GETTFILTER', subjectOf(at), at.netnsPath).map(({ body }) => ({
            kind: (0, rtnetlink_1.decodeName)((0, rtnetlink_1.decodeAttributes)(body, rtnetlink_1.TRAFFIC_PART_BYTES).get(rtnetlink_1.TrafficAttribute.Kind) ?? Buffer.alloc(0)),
            info: (0, rtnetlink_1.decodeTrafficPart)(body).info,
        }));
    }
    catch (error) {
        const isNone = error instanceof route_1.RouteRefusal && [ENOENT, EINVAL].includes(error.errno);
        if (isNone)
            return [];
        throw error;
    }
}
function isOurs({ info }) {
    return info === INFO;
}
/** `struct tc_mirred`: index, capabilities, action, two reference counts, what to do, interface. */
function mirredParameters(toIndex) {
    return Buffer.concat([0, 0, STOLEN, 0, 0, EGRESS_REDIRECT, toIndex].map(rtnetlink_1.encodeU32));
}
/** `struct tc_u32_sel` with one key, four bytes, of which no bit is compared. */
function selectorOfAll() {
    const TERMINAL = 1;
    const head = Buffer.alloc(16);
    head.writeUInt8(TERMINAL, 0);
    head.writeUInt8(1, 2);
    return Buffer.concat([head, Buffer.alloc(16)]);
}
function send(at, type, flags, part, syscall, attributes = []) {
    const request = (0, rtnetlink_1.encodeMessage)(type, flags, (0, rtnetlink_1.encodeTrafficPart)(part), attributes);
    (0, route_1.ask)(request, syscall, subjectOf(at), at.netnsPath);
}
function subjectOf({ index }) {
    return `interface ${index}`;
}
