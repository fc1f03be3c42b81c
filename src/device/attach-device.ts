/**
 * Attaches to TUN/TAP devices, for all who do: a device that a program holds is refused, with the
 * program's name.
 *
 * The kernel refuses a second descriptor of its own accord, except on a device of many queues. There
 * it makes the second one a further queue and shares the frames out among all, in the framing of the
 * first (tun_set_iff and tun_automq_select_queue in the kernel's drivers/net/tun.c).
 */

import { type NativeTap, type NativeTapOptions, isNativeError, native } from '../native/native';
import { findHolders, holdersOf } from './holders';
import { findLink } from './link';
import { netnsOf } from '../system/netns';
import { TunTapError } from '../system/tuntap-error';

const ANOTHER = 'stop it or choose another name';

/** The rest follows from the device. */
type AttachOptions = Omit<NativeTapOptions, 'joins' | 'found'>;

/**
 * @param netns the namespace of the device as it was asked for, by name or path
 * @throws TunTapError `EBUSY` where another program holds it; NativeError for what else is refused.
 *   Where `multiQueue` was asked for, further queues are wanted and no reason to refuse.
 */
export function attachDevice(options: AttachOptions, netns: string | undefined): NativeTap {
  const { name, netnsPath, multiQueue = false, packetInfo = false } = options;
  const link = findLink(name, netnsPath);
  const isHeld = queueCount(link) > 0;
  if (isHeld && !multiQueue) throw heldBy(name, netns, ANOTHER);
  if (isHeld && hasPacketInfo(link) !== packetInfo) {
    const how = packetInfo ? 'without' : 'with';
    throw new TunTapError(
      'EINVAL',
      `is held ${how} packet information, which all its queues share (EINVAL); ask for the same`,
    );
  }
  const { Tap } = native();
  let tap: NativeTap;
  try {
    tap = new Tap({ ...options, joins: isHeld, ...foundFraming(link) });
  } catch (error) {
    if (isNativeError(error) && error.code === 'EBUSY') throw heldBy(name, netns, ANOTHER, error);
    throw error;
  }
  // Somebody may have come in between.
  if (!multiQueue && !tap.created && queueCount(findLink(tap.name, netnsPath)) > 1) {
    tap.close();
    throw heldBy(name, netns, ANOTHER);
  }
  return tap;
}

/**
 * Says who holds the device, as far as this process may know. Without the name of the device.
 * @param cure what to do about it
 */
export function heldBy(
  name: string,
  netns: string | undefined,
  cure: string,
  cause?: unknown,
): TunTapError {
  const all = holdersOf(findHolders(), { name, netnsId: netnsOf(netns).id });
  const who =
    all.map(({ program, pid }) => `${program} (${pid})`).join(', ') ||
    'a program that this user may not look into';
  return new TunTapError('EBUSY', `is held by ${who} (EBUSY); ${cure}`, { cause });
}

type Found = ReturnType<typeof findLink>;

/** Descriptors attached to a device of many queues; 0 for any other, and where there is none. */
function queueCount(link: Found): number {
  return typeof link === 'object' && link.isMultiQueue ? link.queueCount : 0;
}

function hasPacketInfo(link: Found): boolean {
  return typeof link === 'object' && link.hasPacketInfo;
}

function foundFraming(link: Found): Pick<NativeTapOptions, 'found'> {
  if (typeof link !== 'object') return {};
  return { found: { packetInfo: link.hasPacketInfo, vnetHeader: link.hasVnetHeader } };
}
