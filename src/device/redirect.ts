/**
 * Leads every frame that one interface receives out of another one, inside the kernel.
 *
 * Three ways, the first that the kernel grants: a program that is attached by descriptor (tcx, Linux
 * 6.6), which goes with the process whatever ends it; the same program as a filter of clsact; and,
 * where eBPF is refused, a filter with the action mirred.
 */

import { type NativeTrafficProgram, isNativeError, native } from '../native/native';
import { redirectProgram } from './ebpf';
import {
  type Ingress,
  addProgramFilter,
  addRedirectFilter,
  removeRemains,
} from './traffic-control';

export const REDIRECT_WAYS = ['tcx', 'clsact', 'mirred'] as const;
export type RedirectWay = (typeof REDIRECT_WAYS)[number];

/** Ways by which a program decides where frames go; only a filter of clsact tells it a class. */
const PROGRAM_WAYS: readonly RedirectWay[] = ['tcx', 'clsact'];
const CLASS_WAYS: readonly RedirectWay[] = ['clsact'];

export class Redirect {
  private constructor(
    readonly way: RedirectWay,
    private readonly at: Ingress,
    private readonly end: () => void,
  ) {}

  /**
   * @param ways to try, in order
   * @throws NativeError what the kernel says to the last of them
   */
  static begin(
    at: Ingress,
    toIndex: number,
    ways: readonly RedirectWay[] = REDIRECT_WAYS,
  ): Redirect {
    return Redirect.beginByFirst(ways, (way) => {
      if (way === 'mirred') {
        addRedirectFilter(at, toIndex);
        return new Redirect(way, at, () => undefined);
      }
      const program = loadProgram(redirectProgram(toIndex));
      const close = (): void => program.close();
      try {
        return Redirect.attach(way, at, program, close);
      } catch (error) {
        close();
        throw error;
      }
    });
  }

  /**
   * Has a program decide where frames go.
   * @param program is attached to nothing now. It stays loaded when the redirect is closed, so it can be
   *   attached again, also by a plain user: a filter of clsact takes no more than CAP_NET_ADMIN.
   * @param classId class of the filter, for a program that reads it; such a program may be at several places
   * @throws NativeError what the kernel says to the last of the ways
   */
  static beginByProgram(at: Ingress, program: NativeTrafficProgram, classId?: number): Redirect {
    return Redirect.beginByFirst(classId === undefined ? PROGRAM_WAYS : CLASS_WAYS, (way) =>
      Redirect.attach(way, at, program, () => program.detach(), classId),
    );
  }

  private static beginByFirst(
    ways: readonly RedirectWay[],
    begin: (way: RedirectWay) => Redirect,
  ): Redirect {
    let refusal: unknown;
    for (const way of ways) {
      try {
        return begin(way);
      } catch (error) {
        if (!isNativeError(error)) throw error;
        refusal = error;
      }
    }
    throw refusal;
  }

  private static attach(
    way: RedirectWay,
    at: Ingress,
    program: NativeTrafficProgram,
    end: () => void,
    classId?: number,
  ): Redirect {
    if (way === 'tcx') program.attach(at.index, at.netnsPath);
    else addProgramFilter(at, program.fd, classId);
    return new Redirect(way, at, end);
  }

  /** Ends it. The interface may be gone: then there is nothing to end. */
  close(): void {
    this.end();
    if (this.way === 'tcx') return;
    try {
      removeRemains(this.at);
    } catch (error) {
      if (!isNativeError(error)) throw error;
    }
  }
}

/** Loads a program for traffic control. @throws NativeError where the kernel refuses it */
export function loadProgram(instructions: Buffer): NativeTrafficProgram {
  const { TrafficProgram } = native();
  return new TrafficProgram(instructions, 'tapswitch');
}
