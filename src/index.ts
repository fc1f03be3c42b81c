/** What `require('tapswitch')` gives. Importing it needs no root and loads no addon. */

export { Bridge, type BridgeOptions } from './l2/bridge';
export type { FdbEntry } from './l2/fdb';
export type { BridgeEvent } from './l2/event-log';
export { ManualClock } from './port/manual-clock';
export { MemoryIo, MemoryPort, type MemoryPortOptions } from './port/memory-port';
export type { SwitchConfig, PortSpec } from './config/schema';
export type { PortInfo } from './control/port-set';
export { TapSwitch } from './control/tap-switch';
