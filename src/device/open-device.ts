/** Opens TAP and TUN devices: attaches to a device that exists, makes one that does not. */

import { applySettings } from './apply-settings';
import { attachDevice } from './attach-device';
import { TunTapDevice } from './device';
import { type DeviceOptions, checkOptions } from './device-options';
import { explained } from './explain-refusal';
import type { DeviceMode } from './link';
import { requireLink } from './tap-list';

export interface OpenOptions extends DeviceOptions {
  /** Whether a device that is made here stays after `close`. */
  readonly persist?: boolean;
  /** Whether a device that does not exist is an error (`ENODEV`) rather than made. */
  readonly onlyExisting?: boolean;
  /**
   * Whether super-frames and partial checksums are allowed. A virtio_net_hdr before each frame of the
   * burst describes them. An iteration yields packets without that header.
   */
  readonly offload?: boolean;
  /** Bytes that may be on their way before `write` waits; without a value, writes never wait. */
  readonly sendBufferBytes?: number;
  /** Signal that closes the device. A waiting read is rejected with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Opens a TAP, which carries Ethernet frames. A TAP that is made here is set up unless `up` is false. A TAP
 * that exists keeps all settings that the options do not give. The program is the other end of the
 * interface's wire.
 * @throws TunTapError: `EBUSY` another program holds it, `EINVAL` it is of another mode or kind,
 *   `EPERM` or `EACCES` not allowed, `ENODEV`, `ENOENT` no such namespace, …; the signal's reason
 */
export function openTap(options: OpenOptions = {}): TunTapDevice {
  return open(options, 'tap');
}

/** Opens a TUN device, which carries IP packets. All else is as in `openTap`. */
export function openTun(options: OpenOptions = {}): TunTapDevice {
  return open(options, 'tun');
}

function open(options: OpenOptions, mode: DeviceMode): TunTapDevice {
  const { netns, signal } = options;
  signal?.throwIfAborted();
  const place = { ...(netns !== undefined && { netns }) };
  return explained({ ...place, name: options.name ?? `${mode}%d`, mode }, () => {
    const checked = checkOptions(options, mode);
    const { sendBufferBytes } = options;
    const wanted = {
      ...checked.native,
      offload: options.offload ?? false,
      onlyExisting: options.onlyExisting ?? false,
      persist: false,
      up: false,
      ...(sendBufferBytes !== undefined && { sendBufferBytes }),
    };
    const tap = attachDevice(wanted, netns);
    try {
      const settings = { ...(tap.created && { isUp: true }), ...checked.settings };
      applySettings(requireLink(tap.name, checked.netnsPath), settings, checked.netnsPath);
      if (options.persist) tap.setPersist(true);
      return new TunTapDevice(tap, mode, tap.name, place, signal);
    } catch (error) {
      tap.close();
      throw error;
    }
  });
}
