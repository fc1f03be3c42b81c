/** A port of a switch in memory, as a test sees it: by name, with what came out of it and what was counted. */

import { AssertionError } from 'node:assert';
import type { Bridge } from '../l2/bridge';
import { DROPS, type PortCounters } from '../l2/counters';
import type { BridgePortSettings } from '../l2/port-table';
import { decode } from './decoder/decode';
import type { DecodedFrame } from './decoder/decoded';
import type { MemoryPort } from './memory-port';

export class NetworkPort {
  readonly name: string;
  /** Told of each frame that leaves by the port. */
  private readonly listeners: ((bytes: Uint8Array) => void)[] = [];
  /** Drops that `expectDropped` has looked at, by reason. */
  private seen: Readonly<Record<string, number>> = {};

  /** @param sendIn sends a frame into the switch by this port, and lets it travel */
  constructor(
    private readonly bridge: Bridge,
    private readonly memory: MemoryPort,
    private readonly sendIn: (bytes: Uint8Array) => void,
  ) {
    this.name = memory.name;
    memory.listener = (bytes) => this.listeners.forEach((listener) => listener(bytes));
  }

  /** Sends frames into the switch, which forwards them. */
  send(...frames: readonly Uint8Array[]): void {
    for (const bytes of frames) this.sendIn(bytes);
  }

  /** Frames that left by the port, oldest first. */
  get received(): readonly Uint8Array[] {
    return this.memory.received;
  }

  /** Those frames, decoded. */
  decoded(): DecodedFrame[] {
    return this.memory.received.map(decode);
  }

  /** Empties `received`. @returns the frames that it had */
  take(): Uint8Array[] {
    return this.memory.take();
  }

  /** Calls a function with each frame that leaves by the port. The function may send. */
  onFrame(listener: (bytes: Uint8Array) => void): void {
    this.listeners.push(listener);
  }

  /** Id of the port in the bridge. */
  get id(): number {
    return this.memory.id;
  }

  setUp(isUp: boolean): void {
    this.memory.setUp(isUp);
  }

  /** Changes settings of the port, such as `{ isolated: true }`. */
  configure(settings: Partial<BridgePortSettings>): void {
    this.bridge.configurePort(this.memory.id, settings);
  }

  /** Counters by the names of `tapctl stats`. */
  get counters(): PortCounters['counters'] {
    return this.bridge.counters.read(this.memory.id).counters;
  }

  /** Drops by reason, with the names of `tapctl stats`. */
  get drops(): PortCounters['drops'] {
    return this.bridge.counters.read(this.memory.id).drops;
  }

  /**
   * Asserts that frames were dropped at this port for this reason, and for no other, since the last call.
   * @param times how many
   * @throws AssertionError with all drops since the last call
   * @throws TypeError for a reason that does not exist
   */
  expectDropped(reason: string, times = 1): void {
    if (!DROPS.some(({ name }) => name === reason)) {
      throw new TypeError(
        `no drop reason ${reason}; reasons: ${DROPS.map(({ name }) => name).join(', ')}`,
      );
    }
    this.expectDrops({ [reason]: times });
  }

  /** Asserts that no frame was dropped at this port since the last call. @throws AssertionError */
  expectNothingDropped(): void {
    this.expectDrops({});
  }

  private expectDrops(expected: Readonly<Record<string, number>>): void {
    const { drops, seen } = this;
    this.seen = drops;
    const actual = Object.fromEntries(
      Object.entries(drops)
        .map(([name, count]) => [name, count - (seen[name] ?? 0)] as const)
        .filter(([, count]) => count > 0),
    );
    if (text(actual) === text(expected)) return;
    throw new AssertionError({
      message: `${this.name} dropped ${text(actual)}, not ${text(expected)}`,
      actual,
      expected,
      operator: 'deepStrictEqual',
    });
  }
}

function text(drops: Readonly<Record<string, number>>): string {
  const counted = Object.entries(drops).filter(([, count]) => count > 0);
  return counted.map(([name, count]) => `${count} ${name}`).join(', ') || 'nothing';
}
