"use strict";
/**
 * The device manager: makes, changes and removes TUN/TAP devices by name. These devices outlive the
 * program that makes them. "Tap" in the names of these functions means a device of either mode. The
 * functions ask the kernel and return at once; none of them needs a running switch.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.createTap = createTap;
exports.configureTap = configureTap;
exports.deleteTap = deleteTap;
const native_1 = require("../native/native");
const apply_settings_1 = require("./apply-settings");
const attach_device_1 = require("./attach-device");
const device_options_1 = require("./device-options");
const explain_refusal_1 = require("./explain-refusal");
const tap_list_1 = require("./tap-list");
const tuntap_error_1 = require("../system/tuntap-error");
const STOP_IT = 'stop it first';
/**
 * Makes a device that stays until it is deleted. If it throws, no device is left.
 * @returns the device as the kernel reports it, with the name that the kernel chose.
 * @throws TunTapError: `EEXIST` where there is such a device, `EPERM` without CAP_NET_ADMIN, …
 */
function createTap(options) {
    const mode = options.mode ?? 'tap';
    const asked = asRefused(options.name ?? `${mode}%d`, options, mode);
    return (0, explain_refusal_1.explained)(asked, () => {
        const checked = (0, device_options_1.checkOptions)(options, mode);
        const path = checked.netnsPath;
        const tap = new ((0, native_1.native)().Tap)({
            ...checked.native,
            vnetHeader: options.vnetHeader ?? false,
            offload: false,
            onlyExisting: false,
            onlyNew: true,
            persist: false,
            up: false,
        });
        const { name } = tap;
        try {
            (0, apply_settings_1.applySettings)((0, tap_list_1.requireLink)(name, path), checked.settings, path);
            tap.setPersist(true);
        }
        finally {
            tap.close();
        }
        return (0, tap_list_1.readTap)(name, options);
    });
}
/**
 * Changes settings of a device: all of them, or none.
 * @throws TunTapError: `ENODEV`, `EPERM` without CAP_NET_ADMIN, `EINVAL` for a wrong value
 */
function configureTap(name, settings, place = {}) {
    (0, explain_refusal_1.explained)(asRefused(name, place), () => {
        const path = (0, device_options_1.checkPlace)(place);
        const link = (0, tap_list_1.requireLink)(name, path);
        (0, apply_settings_1.applySettings)(link, (0, device_options_1.checkSettings)(settings, link.mode), path);
    });
}
/**
 * Removes a device that no program holds. The caller needs CAP_NET_ADMIN, or must be the device's owner.
 * @param place namespace; with a `mode`, a device of another mode is refused
 * @throws TunTapError: `EBUSY` with the program that holds it; `ENODEV`, `EPERM`; `EINVAL` for another mode
 */
function deleteTap(name, place = {}) {
    const { mode } = place;
    (0, explain_refusal_1.explained)(asRefused(name, place, mode), () => {
        const path = (0, device_options_1.checkPlace)(place);
        const link = (0, tap_list_1.requireLink)(name, path);
        if (mode !== undefined && link.mode !== mode) {
            throw new tuntap_error_1.TunTapError('EINVAL', `is a device of mode ${link.mode}, not ${mode} (EINVAL)`);
        }
        // A multi-queue device takes a further descriptor, so the kernel would not refuse the removal.
        if (link.queueCount > 0)
            throw (0, attach_device_1.heldBy)(name, place.netns, STOP_IT);
        removeUnheld(link, place);
    });
}
/** Removes it by attaching to it, as `ip tuntap del` does: for that, an owner needs no capability. */
function removeUnheld(link, place) {
    const path = (0, device_options_1.checkPlace)(place);
    const { Tap } = (0, native_1.native)();
    try {
        const tap = new Tap({
            name: link.name,
            ...(path !== undefined && { netnsPath: path }),
            tun: link.mode === 'tun',
            multiQueue: link.isMultiQueue,
            offload: false,
            onlyExisting: true,
            persist: false,
            up: false,
        });
        tap.setPersist(false);
        tap.close();
    }
    catch (error) {
        if ((0, native_1.isNativeError)(error) && error.code === 'EBUSY') {
            throw (0, attach_device_1.heldBy)(link.name, place.netns, STOP_IT);
        }
        throw error;
    }
}
function asRefused(name, place, mode = 'tap') {
    return { name, mode, ...(place.netns !== undefined && { netns: place.netns }) };
}
