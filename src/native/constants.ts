/**
 * The constants that the addon has, too (`addon/node/constants.cc`): sizes in the memory of a burst and the
 * layout of the signals. An addon that was built from other sources would read and write the wrong bytes.
 */

import {
  HEADROOM_BYTES,
  MAX_FRAME_BYTES,
  MAX_SOCKET_FRAME_BYTES,
  RECEIVE_SLOT_BYTES,
} from '../frame/burst';
import { RING_CONTROL_BYTES, RingWord } from '../frame/ring';
import { AS_IT_IS, STRIP } from '../frame/tag-operation';
import { VNET_HEADER_BYTES } from '../wire/virtio';

/** Indices in the array of signals that `NativeBurstIo` fills. */
export const Signal = {
  /** Whether the doorbell rang: 0 or 1. */
  doorbell: 0,
  /** Number of ports that have trouble. */
  troubleCount: 1,
  /** The first trouble: a port id, an errno, then whether the port has ended (0 or 1). The others follow. */
  troubles: 2,
} as const;

/** Kinds of ports: each has a class of `addon/io` that moves its frames. */
export const KINDS = { device: 0, stream: 1, datagram: 2, ring: 3 } as const;

/** Framings: the bytes in front of each frame of a port. */
export const FRAMINGS = { plain: 0, vnet: 1 } as const;

/** Words of one trouble. */
export const TROUBLE_WORDS = 3;

const CONSTANTS: Readonly<Record<string, number>> = {
  vnetHeaderBytes: VNET_HEADER_BYTES,
  headroomBytes: HEADROOM_BYTES,
  maxFrameBytes: MAX_FRAME_BYTES,
  maxSocketFrameBytes: MAX_SOCKET_FRAME_BYTES,
  receiveSlotBytes: RECEIVE_SLOT_BYTES,
  signalDoorbell: Signal.doorbell,
  signalTroubleCount: Signal.troubleCount,
  signalTroubles: Signal.troubles,
  troubleWords: TROUBLE_WORDS,
  tagAsItIs: AS_IT_IS,
  tagStrip: STRIP,
  kindDevice: KINDS.device,
  kindStream: KINDS.stream,
  kindDatagram: KINDS.datagram,
  kindRing: KINDS.ring,
  framingPlain: FRAMINGS.plain,
  framingVnet: FRAMINGS.vnet,
  ringWritten: RingWord.written,
  ringSkippedFrom: RingWord.skippedFrom,
  ringWaiting: RingWord.waiting,
  ringRead: RingWord.read,
  ringTold: RingWord.told,
  ringControlBytes: RING_CONTROL_BYTES,
};

/** @returns name of the first constant that the addon lacks or has with another value */
export function differingConstant(
  addon: Readonly<Record<string, number>> | undefined,
): string | undefined {
  return Object.keys(CONSTANTS).find((name) => addon?.[name] !== CONSTANTS[name]);
}
