"use strict";
/** Applies settings to an interface by its name: all of them, or none. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.applySettings = applySettings;
exports.refusedSetting = refusedSetting;
const descriptors_1 = require("../system/descriptors");
const native_1 = require("../native/native");
const change_1 = require("./change");
const explain_refusal_1 = require("./explain-refusal");
const link_1 = require("./link");
const tuntap_error_1 = require("../system/tuntap-error");
/**
 * @param link present state of the interface, which is restored if a setting is refused
 * @throws TunTapError that names the setting, but not the device
 */
function applySettings(link, settings, netnsPath) {
    // An interface that is in the wanted state needs no change, and no right to change it.
    const isUp = settings.isUp === link.isUp ? undefined : settings.isUp;
    (0, change_1.carryOut)((0, change_1.interfaceSteps)(handleOf(link, netnsPath), link, { ...settings, isUp }), refusedSetting);
}
function handleOf(link, netnsPath) {
    const { name } = link;
    return {
        setMtu: (mtuBytes) => (0, link_1.changeLink)(name, { mtuBytes }, netnsPath),
        setQueue: (queueFrames) => (0, link_1.changeLink)(name, { queueFrames }, netnsPath),
        setMac: (mac) => (0, link_1.changeLink)(name, { mac }, netnsPath),
        setUp: (isUp) => (0, link_1.changeLink)(name, { isUp }, netnsPath),
        addAddress: (address) => (0, link_1.addAddress)(link, address, netnsPath),
        removeAddress: (address) => (0, link_1.removeAddress)(link, address, netnsPath),
    };
}
/**
 * What is thrown where a setting of an interface is refused, for `carryOut`.
 * @returns a TunTapError that names the setting, without the device, where the kernel refused it
 */
function refusedSetting(what, error) {
    if (!(0, native_1.isNativeError)(error))
        return error;
    const { code, syscall, detail } = error;
    const exhausted = (0, descriptors_1.descriptorsExhausted)(error);
    if (exhausted !== undefined)
        return new tuntap_error_1.TunTapError(code, exhausted, { syscall, cause: error });
    // A detail from rtnetlink means that the value is wrong, not that a right is missing.
    const cure = detail ? 'choose another value' : (0, explain_refusal_1.privilege)(code);
    const message = `the kernel refuses ${what} (${(0, explain_refusal_1.kernelsWords)(error)}); ${cure}`;
    return new tuntap_error_1.TunTapError(code, message, { syscall, cause: error });
}
