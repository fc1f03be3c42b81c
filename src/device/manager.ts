/**
 * The device manager: makes, changes and removes TUN/TAP devices by name. These devices outlive the
 * program that makes them. "Tap" in the names of these functions means a device of either mode. The
 * functions ask the kernel and return at once; none of them needs a running switch.
 */

import { isNativeError, native } from '../native/native';
import { applySettings } from './apply-settings';
import { heldBy } from './attach-device';
import {
  type DeviceOptions,
  type DeviceSettings,
  type TapPlace,
  checkOptions,
  checkPlace,
  checkSettings,
} from './device-options';
import { type RefusedDevice, explained } from './explain-refusal';
import type { DeviceMode, Link } from './link';
import { type TapInfo, readTap, requireLink } from './tap-list';
import { TunTapError } from '../system/tuntap-error';

const STOP_IT = 'stop it first';

export interface CreateTapOptions extends DeviceOptions {
  /** Mode of the device; `tap` by default. */
  readonly mode?: DeviceMode;
  /** Whether ten bytes of virtio_net_hdr precede each packet, until a program attaches without them. */
  readonly vnetHeader?: boolean;
}

/**
 * Makes a device that stays until it is deleted. If it throws, no device is left.
 * @returns the device as the kernel reports it, with the name that the kernel chose.
 * @throws TunTapError: `EEXIST` where there is such a device, `EPERM` without CAP_NET_ADMIN, …
 */
export function createTap(options: CreateTapOptions): TapInfo {
  const mode = options.mode ?? 'tap';
  const asked = asRefused(options.name ?? `${mode}%d`, options, mode);
  return explained(asked, () => {
    const checked = checkOptions(options, mode);
    const path = checked.netnsPath;
    const tap = new (native().Tap)({
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
      applySettings(requireLink(name, path), checked.settings, path);
      tap.setPersist(true);
    } finally {
      tap.close();
    }
    return readTap(name, options);
  });
}

/**
 * Changes settings of a device: all of them, or none.
 * @throws TunTapError: `ENODEV`, `EPERM` without CAP_NET_ADMIN, `EINVAL` for a wrong value
 */
export function configureTap(name: string, settings: DeviceSettings, place: TapPlace = {}): void {
  explained(asRefused(name, place), () => {
    const path = checkPlace(place);
    const link = requireLink(name, path);
    applySettings(link, checkSettings(settings, link.mode), path);
  });
}

/**
 * Removes a device that no program holds. The caller needs CAP_NET_ADMIN, or must be the device's owner.
 * @param place namespace; with a `mode`, a device of another mode is refused
 * @throws TunTapError: `EBUSY` with the program that holds it; `ENODEV`, `EPERM`; `EINVAL` for another mode
 */
export function deleteTap(
  name: string,
  place: TapPlace & { readonly mode?: DeviceMode } = {},
): void {
  const { mode } = place;
  explained(asRefused(name, place, mode), () => {
    const path = checkPlace(place);
    const link = requireLink(name, path);
    if (mode !== undefined && link.mode !== mode) {
      throw new TunTapError('EINVAL', `is a device of mode ${link.mode}, not ${mode} (EINVAL)`);
    }
    // A multi-queue device takes a further descriptor, so the kernel would not refuse the removal.
    if (link.queueCount > 0) throw heldBy(name, place.netns, STOP_IT);
    removeUnheld(link, place);
  });
}

/** Removes it by attaching to it, as `ip tuntap del` does: for that, an owner needs no capability. */
function removeUnheld(link: Link, place: TapPlace): void {
  const path = checkPlace(place);
  const { Tap } = native();
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
  } catch (error) {
    if (isNativeError(error) && error.code === 'EBUSY') {
      throw heldBy(link.name, place.netns, STOP_IT);
    }
    throw error;
  }
}

function asRefused(name: string, place: TapPlace, mode: DeviceMode = 'tap'): RefusedDevice {
  return { name, mode, ...(place.netns !== undefined && { netns: place.netns }) };
}
