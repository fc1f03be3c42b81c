/**
 * One pattern with a switch of its own. It measures the nanoseconds per frame.
 *
 * Nothing is sent: the answer to a burst is counted and thrown away, as if the ports took it.
 */

import { BURST_FRAMES, BurstWriter } from './burst-writer';
import type { Bridge, Library, MemoryPort } from './library';
import { TURN_BURSTS, type Pattern, type Stage } from './patterns';

/** Simulated time between two bursts: 1.3 million frames a second. */
const BURST_INTERVAL_MS = 0.05;

export class Trial {
  private readonly bridge: Bridge;
  private readonly stage: Stage;
  private copies = 0;
  /** Number of bursts of all turns so far. */
  private burstCount = 0;

  constructor(
    { Bridge, MemoryIo, hookProgram }: Library,
    private readonly pattern: Pattern,
  ) {
    this.bridge = new Bridge({ ...pattern.options });
    if (pattern.settings !== undefined) this.bridge.configure(pattern.settings);
    const io = new MemoryIo(this.bridge);
    const names = Array.from({ length: pattern.portCount }, (_, index) => `tap${index}`);
    const ports: MemoryPort[] = names.map((name) => io.port(name));
    if (pattern.impairment !== undefined) this.bridge.addImpairment?.(pattern.impairment);
    const { burst } = this.bridge;
    const transmit = (): number => {
      this.copies += burst.txCount;
      return 0;
    };
    this.bridge.connect({ transmit });
    const writer = new BurstWriter(burst);
    this.stage = { writer, ports, forward: () => this.forward(), wait: (ms) => this.wait(ms) };
    if (pattern.hook !== undefined) this.bridge.loadHook?.(hookProgram?.('bench', pattern.hook));
    pattern.setUp(this.stage);
  }

  /** @throws Error if the frames did not go to the right ports */
  takeTurn(nowNs: () => bigint): number {
    const { pattern, stage } = this;
    pattern.beforeTurn?.(stage);
    this.copies = 0;
    const startNs = nowNs();
    for (let burst = 0; burst < TURN_BURSTS; burst++) {
      pattern.beforeBurst?.(stage, this.burstCount++);
      this.forward();
    }
    const elapsedNs = Number(nowNs() - startNs);
    const frames = TURN_BURSTS * BURST_FRAMES;
    const copies = this.copies / frames;
    if (copies !== pattern.copiesPerFrame) {
      throw new Error(`'${pattern.title}': ${copies} copies of a frame left the switch`);
    }
    return elapsedNs / frames;
  }

  private wait(forMs: number): void {
    const { clock } = this.bridge.burst;
    clock[0] = clock[0]! + forMs;
    this.bridge.tick();
    this.bridge.releaseAll?.();
  }

  private forward(): void {
    const { clock } = this.bridge.burst;
    clock[0] = clock[0]! + BURST_INTERVAL_MS;
    this.bridge.handleBurst(BURST_FRAMES);
  }
}
