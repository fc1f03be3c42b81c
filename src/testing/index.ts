/** Exports of `tapswitch/testing`: a network in memory for tests, frames, and what is in them. */

export { ManualClock } from './manual-clock';
export { CaptureFileError, readCapture } from './capture-file';
export { decode } from './decoder/decode';
export type {
  ChecksumFound,
  DecodedArp,
  DecodedBpdu,
  DecodedDhcp,
  DecodedEcho,
  DecodedFrame,
  DecodedGroupMessage,
  DecodedGroupRecord,
  DecodedIcmp,
  DecodedIp,
  DecodedNd,
  DecodedTcp,
  DecodedUdp,
} from './decoder/decoded';
export { frame } from './frames/frame';
export type { VlanTag } from './frames/ethernet';
export { type Network, type NetworkOptions, type NetworkPortOptions, network } from './network';
export type { NetworkPort } from './network-port';
export { type RecordedFrame, type Recording, toPcapng } from './recording';
export type { Hook, HookSwitch, HookVerdict } from '../hooks/hook';
export type { HookState } from '../hooks/loaded-hook';
export type { HostOptions, TestHost } from './test-host';
