/** Exports of `require('tapswitch')`. Importing them needs no root and loads no addon. */

export { Bridge, type BridgeOptions } from './l2/bridge';
export type { FdbEntry } from './l2/fdb/entry';
export type { BridgeEvent } from './l2/event-log';
export { ManualClock } from './testing/manual-clock';
export { MemoryIo, MemoryPort, type MemoryPortOptions } from './testing/memory-port';
export type { SwitchConfig, PortSpec } from './config/schema';
export type { PortInfo } from './ports/port-set';
export type { TapSwitch } from './control/tap-switch';
export { startSwitch } from './start-switch';
export type { SwitchOptions } from './switch-options';
export { AddonError, type AddonErrorCode } from './native/addon-error';
export { StartError } from './system/start-error';
export { UsageError } from './system/usage-error';
export { TunTapDevice, TUNTAP_PORT, type ReadOptions } from './device/device';
export type { DeviceAddress, DeviceSettings, TapPlace } from './device/device-options';
export type { Holder } from './device/holders';
export type { DeviceMode } from './device/link';
export { type CreateTapOptions, configureTap, createTap, deleteTap } from './device/manager';
export { type OpenOptions, openTap, openTun } from './device/open-device';
export { type TapInfo, listTaps, showTap } from './device/tap-list';
export { TunTapError } from './system/tuntap-error';
