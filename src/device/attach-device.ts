/**
 * Attaches to TUN/TAP devices, for the library and for the ports. A device that another program holds is
 * refused with the program's name.
 *
 * The kernel itself refuses a second descriptor, except on a multi-queue device. There the second
 * descriptor becomes a further queue: the kernel distributes the frames over all queues, in the framing
 * of the first (tun_set_iff and tun_automq_select_queue in the kernel's drivers/net/tun.c).
 */

import { type NativeTap, type NativeTapOptions, isNativeError, native } from '../native/native';
import { findHolders, holdersOf } from './holders';
import { findLink } from './link';
import { netnsOf } from '../system/netns';
import { TunTapError } from '../system/tuntap-error';

const ANOTHER = 'stop it or choose another name';

/** Options of the caller. The device itself determines the others. */
type AttachOptions = Omit<NativeTapOptions, 'joins' | 'found'>;

/**
 * @param netns namespace of the device as the caller gave it: a name or a path
 * @throws TunTapError `EBUSY` where another program holds it, unless `multiQueue` was asked for;
 *   NativeError for any other refusal
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
  // Another program may have attached in between.
  if (!multiQueue && !tap.created && queueCount(findLink(tap.name, netnsPath)) > 1) {
    tap.close();
    throw heldBy(name, netns, ANOTHER);
  }
  return tap;
}

/**
 * Error that names the programs that hold the device, as far as this process may look. It does not name
 * the device.
 * @param cure what the user can do about it
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

/** Number of descriptors attached to a multi-queue device; 0 for any other device, and for none. */
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
