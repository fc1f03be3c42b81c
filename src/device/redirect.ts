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

export class Redirect {
  private constructor(
    readonly way: RedirectWay,
    private readonly at: Ingress,
    private readonly program: NativeTrafficProgram | undefined,
  ) {}

  /**
   * @param ways to try, in order
   * @param program decides where frames go, in place of one that sends them all to the interface
   * @throws NativeError what the kernel says to the last of them
   */
  static begin(
    at: Ingress,
    toIndex: number,
    ways: readonly RedirectWay[] = REDIRECT_WAYS,
    program = redirectProgram(toIndex),
  ): Redirect {
    let refusal: unknown;
    for (const way of ways) {
      try {
        return Redirect.beginBy(way, at, toIndex, program);
      } catch (error) {
        if (!isNativeError(error)) throw error;
        refusal = error;
      }
    }
    throw refusal;
  }

  private static beginBy(
    way: RedirectWay,
    at: Ingress,
    toIndex: number,
    instructions: Buffer,
  ): Redirect {
    if (way === 'mirred') {
      addRedirectFilter(at, toIndex);
      return new Redirect(way, at, undefined);
    }
    const { TrafficProgram } = native();
    const program = new TrafficProgram(instructions, 'tapswitch');
    try {
      if (way === 'tcx') program.attach(at.index, at.netnsPath);
      else addProgramFilter(at, program.fd);
      return new Redirect(way, at, program);
    } catch (error) {
      program.close();
      throw error;
    }
  }

  /** Ends it. The interface may be gone: then there is nothing to end. */
  close(): void {
    this.program?.close();
    if (this.way === 'tcx') return;
    try {
      removeRemains(this.at);
    } catch (error) {
      if (!isNativeError(error)) throw error;
    }
  }
}
