/**
 * The device manager: TUN/TAP devices that outlive whoever makes them, made, changed and
 * removed by name. A "tap" in the names of these functions is a device of either mode. They ask the
 * kernel and return at once; none of them needs a running switch.
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
  /** `tap` unless given. */
  readonly mode?: DeviceMode;
  /** Ten bytes of virtio_net_hdr in front of each packet, until somebody attaches without it. */
  readonly vnetHeader?: boolean;
}

/**
 * Makes a device that stays until it is deleted. Nothing of it is left where this throws.
 * @returns the device as the kernel has it, with the name that it chose.
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
 * @throws TunTapError: `ENODEV`, `EPERM` without CAP_NET_ADMIN, `EINVAL` for what is no right value
 */
export function configureTap(name: string, settings: DeviceSettings, place: TapPlace = {}): void {
  explained(asRefused(name, place), () => {
    const path = checkPlace(place);
    const link = requireLink(name, path);
    applySettings(link, checkSettings(settings, link.mode), path);
  });
}

/**
 * Removes a device that nobody holds. Takes CAP_NET_ADMIN, or to be the device's owner.
 * @param place with a `mode`, insists on a device of that mode
 * @throws TunTapError: `EBUSY` where a program holds it, and says which; `ENODEV`, `EPERM`
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
    // Of these, several may be attached to one device, so that the kernel would not stop us.
    if (link.queueCount > 0) throw heldBy(name, place.netns, STOP_IT);
    removeUnheld(link, place);
  });
}

/** Attaches to it, as `ip tuntap del` does, because the kernel asks an owner for no more right. */
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
