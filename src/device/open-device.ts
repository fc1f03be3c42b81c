/** Opens TAP and TUN devices for packets: attaches to those that exist, makes those that do not. */

import { applySettings } from './apply-settings';
import { attachDevice } from './attach-device';
import { TunTapDevice } from './device';
import { type DeviceOptions, checkOptions } from './device-options';
import { explained } from './explain-refusal';
import type { DeviceMode } from './link';
import { requireLink } from './tap-list';

export interface OpenOptions extends DeviceOptions {
  /** A device that is made here stays after `close`. */
  readonly persist?: boolean;
  /** A device that does not exist is not made: `ENODEV`. */
  readonly onlyExisting?: boolean;
  /**
   * Super-frames and partial checksums, of which a virtio_net_hdr before each frame of the burst
   * tells. Packets that are iterated over come without their header.
   */
  readonly offload?: boolean;
  /** Bytes written that may be on their way before `write` waits; without it, writes never wait. */
  readonly sendBufferBytes?: number;
  /** Closes the device; who reads gets its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Opens a TAP, which carries Ethernet frames. One that is made here is set up unless `up` is false;
 * one that exists is left as it is but for what the options say. The program that has opened it is
 * the other end of the interface's wire.
 * @throws TunTapError: `EBUSY` another program holds it, `EINVAL` it is of another mode or kind,
 *   `EPERM` or `EACCES` not allowed, `ENODEV`, `ENOENT` no such namespace, …; the signal's reason
 */
export function openTap(options: OpenOptions = {}): TunTapDevice {
  return open(options, 'tap');
}

/** Opens a TUN device, which carries IP packets. Else as `openTap`. */
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
