/** What `require('tapswitch')` gives. Importing it needs no root and loads no addon. */

export { Bridge, type BridgeOptions } from './l2/bridge';
export type { FdbEntry } from './l2/fdb';
export type { BridgeEvent } from './l2/event-log';
export { ManualClock } from './port/manual-clock';
export { MemoryIo, MemoryPort, type MemoryPortOptions } from './port/memory-port';
export type { SwitchConfig, PortSpec } from './config/schema';
export type { PortInfo } from './control/port-set';
export type { TapSwitch } from './control/tap-switch';
export { type SwitchOptions, startSwitch } from './start-switch';
export { TunTapDevice, TUNTAP_PORT, type ReadOptions } from './tuntap/device';
export type { DeviceAddress, DeviceSettings, TapPlace } from './tuntap/device-options';
export type { Holder } from './tuntap/holders';
export type { DeviceMode } from './tuntap/link';
export { type CreateTapOptions, configureTap, createTap, deleteTap } from './tuntap/manager';
export { type OpenOptions, openTap, openTun } from './tuntap/open-device';
export { type TapInfo, listTaps, showTap } from './tuntap/tap-list';
export { TunTapError } from './tuntap/tuntap-error';
