/**
 * The legs of the fast path: for each port that is an interface of the kernel, a program at its ingress that may
 * redirect frames, and what the bridge must know to let it. One for all ports of a switch.
 *
 * All legs share one memory (`l2/fast/layout.ts`), which is made for the first of them and lasts as long as the
 * process.
 */

import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { kernelsWords } from '../device/explain-refusal';
import { type ProgramPort, fastProgram, fromBridgeProgram } from '../device/fast-program';
import { type NetworkInterface, farEndMac } from '../device/interface';
import { Redirect, loadProgram } from '../device/redirect';
import { type Ingress, queueNothing } from '../device/traffic-control';
import { FAST_PORTS, PortField, PortFlag, memoryBytes, wordOf } from '../l2/fast/layout';
import type { FastLeg, FastMemory } from '../l2/fast/leg';
import { FAST_OBSTACLES, FastObstacle } from '../l2/fast/obstacle';
import {
  type NativeProgramMemory,
  type NativeTrafficProgram,
  isNativeError,
  native,
} from '../native/native';
import { netnsOf } from '../system/netns';
import { isWithoutRoot } from '../system/run-as';
import { parseMac } from '../wire/mac';
import { formatMacBytes } from '../device/link';

const POSSIBLE_PROCESSORS = '/sys/devices/system/cpu/possible';
/** A veth pair hands frames over without a queue, unless somebody has given it one. */
const NO_QUEUE = ['noqueue', ''];

/** The redirects of a port, and its leg. */
export interface Joined {
  readonly redirects: readonly Redirect[];
  readonly leg: FastLeg | undefined;
  /** Why there is no leg. */
  readonly obstacle: string | undefined;
}

/** The memory, as the main thread holds it. */
interface OpenMemory {
  /** Holds the descriptor open. */
  readonly owner: NativeProgramMemory;
  readonly shared: FastMemory;
  readonly words: Int32Array;
}

/** The two programs of a port. */
interface Programs {
  readonly toBridge: NativeTrafficProgram;
  readonly fromBridge: NativeTrafficProgram;
}

const SHARED_NAME = 'legs of the fast path';

export class FastLegs {
  /** The legs of one switch. @param shared see `PortContext` */
  static of(shared: Map<string, unknown>): FastLegs {
    const legs = (shared.get(SHARED_NAME) as FastLegs | undefined) ?? new FastLegs();
    shared.set(SHARED_NAME, legs);
    return legs;
  }

  private memory: OpenMemory | undefined;
  /**
   * Programs by the port's id. They stay loaded: a switch that has given up root (`--user`) loads none any more, and
   * attaches these to an interface that comes back.
   */
  private readonly programs = new Map<number, Programs>();
  /** Programs for any port, which a switch loads before it gives up root. Ports that it adds later have these. */
  private spare: Programs | undefined;
  /** Namespace, as `netnsOf` knows it → its number. */
  private readonly domains = new Map<string, number>();

  /** Loads programs for the ports that are added after the switch has given up root. */
  prepareForPlainUser(): void {
    try {
      this.spare = this.load('class');
    } catch (error) {
      // A port that is added later tells why the kernel refuses its program.
      if (!isNativeError(error)) throw error;
    }
  }

  /**
   * Joins an interface and its companion in both directions.
   * @param at the interface
   * @param companion index of its companion, which is in the same namespace
   * @throws NativeError where there is no way at all; nothing is left then
   */
  join(port: number, at: Ingress, taken: NetworkInterface, companion: number): Joined {
    queueNothing({ ...at, index: companion });
    const redirects: Redirect[] = [];
    try {
      const { leg, obstacle } = this.tryPrograms(port, at, taken, companion, redirects);
      // What a program of ours could not be had for is redirected all the same.
      const back = { ...at, index: companion };
      if (redirects.length < 1) redirects.push(Redirect.begin(back, at.index));
      if (redirects.length < 2) redirects.push(Redirect.begin(at, companion));
      return { redirects, leg, obstacle };
    } catch (error) {
      for (const redirect of redirects) redirect.close();
      throw error;
    }
  }

  /** @returns the leg with what an interface has changed since, the same one where nothing has */
  renew(leg: FastLeg, at: Ingress, now: NetworkInterface): FastLeg {
    const farEnd = farEndOf(at, now);
    const { farEnd: before } = leg;
    if (farEnd?.hi16 === before?.hi16 && farEnd?.lo32 === before?.lo32) return leg;
    const { memory, index, domain } = leg;
    return { memory, index, domain, ...(farEnd !== undefined && { farEnd }) };
  }

  /** Why the bridge keeps the fast path of a port that has a leg shut; undefined where it is open. */
  obstacleOf(port: number): string | undefined {
    const { words } = this.open();
    const read = (field: number): number => Atomics.load(words, wordOf(port, field));
    if ((read(PortField.FLAGS) & PortFlag.OPEN) !== 0) return undefined;
    // It may have been opened in between.
    return FAST_OBSTACLES[read(PortField.OBSTACLE)] || FAST_OBSTACLES[FastObstacle.Down];
  }

  private tryPrograms(
    port: number,
    at: Ingress,
    taken: NetworkInterface,
    companion: number,
    redirects: Redirect[],
  ): { readonly leg?: FastLeg; readonly obstacle?: string } {
    if (port >= FAST_PORTS) return { obstacle: `only the first ${FAST_PORTS} ports have one` };
    try {
      const { shared: memory } = this.open();
      const domain = this.domainOf(at);
      const programs = this.programsOf(port);
      const { toBridge, fromBridge } = programs;
      const classId = programs === this.spare ? port : undefined;
      this.write(port, PortField.OWN_INDEX, at.index);
      this.write(port, PortField.COMPANION_INDEX, companion);
      redirects.push(Redirect.beginByProgram({ ...at, index: companion }, fromBridge, classId));
      redirects.push(Redirect.beginByProgram(at, toBridge, classId));
      const farEnd = farEndOf(at, taken);
      return { leg: { memory, index: at.index, domain, ...(farEnd !== undefined && { farEnd }) } };
    } catch (error) {
      if (!isNativeError(error)) throw error;
      const words = `the kernel refuses its program (${kernelsWords(error)})`;
      return { obstacle: error.code === 'EPERM' ? `${words}, which takes CAP_BPF` : words };
    }
  }

  private programsOf(port: number): Programs {
    const loaded = this.programs.get(port) ?? (isWithoutRoot() ? this.spare : undefined);
    if (loaded !== undefined) return loaded;
    const programs = this.load(port);
    this.programs.set(port, programs);
    return programs;
  }

  private load(port: ProgramPort): Programs {
    const { fd: memoryFd, processors, seed } = this.open().shared;
    const fromBridge = loadProgram(fromBridgeProgram(memoryFd, port));
    try {
      const toBridge = loadProgram(fastProgram({ memoryFd, processors, seed, port }));
      return { toBridge, fromBridge };
    } catch (error) {
      fromBridge.close();
      throw error;
    }
  }

  private open(): OpenMemory {
    if (this.memory !== undefined) return this.memory;
    const processors = countProcessors();
    const bytes = memoryBytes(processors);
    const addon = native();
    const owner = new addon.ProgramMemory(bytes, 'tapswitch');
    const { fd } = owner;
    const shared = { fd, bytes, processors, seed: randomInt(2 ** 32) | 0 };
    this.memory = { owner, shared, words: new Int32Array(addon.mapProgramMemory(fd, bytes)) };
    return this.memory;
  }

  private write(port: number, field: number, value: number): void {
    Atomics.store(this.open().words, wordOf(port, field), value);
  }

  private domainOf({ netnsPath }: Ingress): number {
    const { id } = netnsOf(netnsPath);
    const known = this.domains.get(id);
    if (known !== undefined) return known;
    const domain = this.domains.size + 1;
    this.domains.set(id, domain);
    return domain;
  }
}

function farEndOf(at: Ingress, { farEnd, queueing }: NetworkInterface) {
  if (farEnd === undefined || !NO_QUEUE.includes(queueing)) return undefined;
  const mac = farEndMac(farEnd, at.netnsPath);
  return mac === undefined ? undefined : parseMac(formatMacBytes(mac));
}

/** Processors that there may ever be, rounded up to a power of two. */
function countProcessors(): number {
  // Ranges such as "0-3,5": the last number is the highest.
  const text = readFileSync(POSSIBLE_PROCESSORS, 'utf8').trim();
  const highest = Number(text.split(/[-,]/).at(-1));
  return 2 ** Math.ceil(Math.log2(highest + 1));
}
