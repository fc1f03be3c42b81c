/** Exports of `require('tapswitch')`. Importing them needs no root and loads no addon. */

export { Bridge, type BridgeOptions } from './l2/bridge';
export { hookProgram } from './dataplane/hook-loader';
export type { Hook, HookSwitch, HookVerdict } from './hooks/hook';
export type { FdbEntry } from './l2/fdb/entry';
export type { BridgeEvent } from './l2/event-log';
export { ManualClock } from './testing/manual-clock';
export { MemoryIo, MemoryPort, type MemoryPortOptions } from './testing/memory-port';
export type { PortSpec } from './config/schema';
export { startSwitch } from './start-switch';
export type { Switch, SwitchEvents, TraceOptions } from './library/switch';
export type { Ports, NewPort } from './library/ports';
export type { Stations, StationEntry, StationQuery } from './library/stations';
export type { Neighbours, NeighbourEntry, NeighbourQuery } from './library/neighbours';
export type { Addresses, AddressPlace } from './library/addresses';
export type { Vlans, VlanEntry, VlanQuery } from './library/vlans';
export type { Hooks, HookEntry } from './library/hooks';
export type { Impairments, ImpairmentEntry, ImpairmentKey } from './library/impairments';
export type { Mirrors, MirrorEntry } from './library/mirrors';
export type { Groups, GroupEntry, GroupQuery } from './library/groups';
export type { Capture, CaptureOptions } from './library/capture';
export type { EventQueue, LostEvents } from './library/event-queue';
export type { CapturedFrame } from './capture/captured-frames';
export type { EventName } from './journal/events';
export type { EventOf } from './journal/event-fields';
export type { ScriptEnd } from './ports/script-end';
export type {
  BridgeBody,
  HookBody,
  ImpairmentBody,
  MdbBody,
  MirrorBody,
  NeighbourBody,
  OwnAddressBody,
  PortBody,
  PortVlansBody,
  StationBody,
  StatsBody,
  StpBody,
  TraceBody,
} from './control/shapes';
export { InvalidRequest, type InvalidField } from './control/invalid-request';
export { RequestError, type RequestErrorCode } from './system/request-error';
export { FrameError } from './system/frame-error';
export type { SwitchOptions } from './switch-options';
export { AddonError, type AddonErrorCode } from './native/addon-error';
export { StartError, type StartErrorCode } from './system/start-error';
export { UsageError } from './system/usage-error';
export { TunTapDevice, TUNTAP_PORT, type ReadOptions } from './device/device';
export type { DeviceAddress, DeviceSettings, TapPlace } from './device/device-options';
export type { Holder } from './device/holders';
export type { DeviceMode } from './device/link';
export { type CreateTapOptions, configureTap, createTap, deleteTap } from './device/manager';
export { type OpenOptions, openTap, openTun } from './device/open-device';
export { type TapInfo, listTaps, showTap } from './device/tap-list';
export { TunTapError } from './system/tuntap-error';
