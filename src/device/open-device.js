"use strict";
/** Opens TAP and TUN devices: attaches to a device that exists, makes one that does not. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.openTap = openTap;
exports.openTun = openTun;
const apply_settings_1 = require("./apply-settings");
const attach_device_1 = require("./attach-device");
const device_1 = require("./device");
const device_options_1 = require("./device-options");
const explain_refusal_1 = require("./explain-refusal");
const tap_list_1 = require("./tap-list");
/**
 * Opens a TAP, which carries Ethernet frames. A TAP that is made here is set up unless `up` is false. A TAP
 * that exists keeps all settings that the options do not give. The program is the other end of the
 * interface's wire.
 * @throws TunTapError: `EBUSY` another program holds it, `EINVAL` it is of another mode or kind,
 *   `EPERM` or `EACCES` not allowed, `ENODEV`, `ENOENT` no such namespace, …; the signal's reason
 */
function openTap(options = {}) {
    return open(options, 'tap');
}
/** Opens a TUN device, which carries IP packets. All else is as in `openTap`. */
function openTun(options = {}) {
    return open(options, 'tun');
}
function open(options, mode) {
    const { netns, signal } = options;
    signal?.throwIfAborted();
    const place = { ...(netns !== undefined && { netns }) };
    return (0, explain_refusal_1.explained)({ ...place, name: options.name ?? `${mode}%d`, mode }, () => {
        const checked = (0, device_options_1.checkOptions)(options, mode);
        const { sendBufferBytes } = options;
        const wanted = {
            ...checked.native,
            offload: options.offload ?? false,
            onlyExisting: options.onlyExisting ?? false,
            persist: false,
            up: false,
            ...(sendBufferBytes !== undefined && { sendBufferBytes }),
        };
        const tap = (0, attach_device_1.attachDevice)(wanted, netns);
        try {
            const settings = { ...(tap.created && { isUp: true }), ...checked.settings };
            (0, apply_settings_1.applySettings)((0, tap_list_1.requireLink)(tap.name, checked.netnsPath), settings, checked.netnsPath);
            if (options.persist)
                tap.setPersist(true);
            return new device_1.TunTapDevice(tap, mode, tap.name, place, signal);
        }
        catch (error) {
            tap.close();
            throw error;
        }
    });
}
