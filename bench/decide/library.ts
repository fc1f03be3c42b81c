/**
 * The part of the package's public interface (`src/index.ts`) that `decide` uses. It is declared here
 * again, because the bench also loads the compiled package of another commit.
 */

/** The burst: the arrays that every receiver of frames fills, the addon and `MemoryIo` alike. */
export interface Burst {
  readonly u8: Uint8Array;
  /** Arena offset of the destination MAC by frame, bytes. */
  readonly offset: Int32Array;
  /** Length by frame, bytes. */
  readonly length: Int32Array;
  /** Ingress port by frame. */
  readonly ingress: Int32Array;
  /** [0]: monotonic milliseconds. */
  readonly clock: Float64Array;
  /** Pairs of frame and egress port in the answer. */
  readonly txCount: number;
}

export interface Bridge {
  readonly burst: Burst;
  /** Protocol rooms by name; older commits have none. */
  readonly rooms?: object;
  connect(transmitter: { transmit(): number }): void;
  handleBurst(receivedCount: number): void;
  /** Does what is due at the time of the burst. */
  tick(): void;
  /** Loads a hook; older commits have none. */
  loadHook?(program: unknown): void;
  releaseAll?(): void;
  /** Settings that a commit does not have are ignored. */
  configure(settings: BridgeSettings): void;
  /** Impairs frames of a port; older commits cannot. */
  addImpairment?(settings: object): boolean;
}

export interface BridgeSettings {
  readonly vlanFiltering?: boolean;
  readonly mcastSnooping?: boolean;
  readonly mcastQuerier?: boolean;
}

export interface MemoryPort {
  readonly id: number;
  setUp(isUp: boolean): void;
}

export interface BridgeOptions {
  readonly fdbMax?: number;
}

/** A hook: docs/hooks.md. */
export interface Hook {
  readonly match?: string;
  setup?(bridge: { counter(name: string): { add(): void } }): void;
  frame(frame: HookFrame): void;
}

export interface HookFrame {
  readonly ipv4?: { ttl: number };
}

export interface Library {
  /** Makes what `Bridge.loadHook` takes; older commits have none. */
  readonly hookProgram?: (name: string, hook: Hook) => unknown;
  readonly Bridge: new (options: BridgeOptions) => Bridge;
  readonly MemoryIo: new (bridge: Bridge) => { port(name: string): MemoryPort };
}

const BURST_ARRAYS = ['u8', 'offset', 'length', 'ingress', 'clock'] as const;

/** @throws Error with the name of a function that the package of that commit does not have. */
export function requireLibrary(exported: unknown): Library {
  const library = exported as Partial<Library>;
  if (library.Bridge === undefined || library.MemoryIo === undefined) {
    throw new Error('the package exports no Bridge and MemoryIo, so that nothing can drive it');
  }
  const { burst } = new library.Bridge({});
  const missing = BURST_ARRAYS.filter((name) => !ArrayBuffer.isView(burst[name]));
  if (missing.length === 0) return library as Library;
  throw new Error(`Bridge.burst has no ${missing.join(', ')}, so that nobody can fill it`);
}
