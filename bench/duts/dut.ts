/**
 * A device under test: it joins the hosts of a site into one Ethernet.
 */

import { existsSync } from 'node:fs';
import type { Shape, Site } from '../lab';
import type { Tree } from '../tree';

export interface Dut {
  /** Name on the command line and in the results. */
  readonly name: string;
  /** Title in a table. */
  readonly title: string;
  /** Clone in which it was built, if it is a tapswitch. */
  readonly tree?: Tree;
  readonly maxPorts: number;
  readonly maxMtu: number;
  /** Whether it takes part only if it is named. */
  readonly isOptional?: boolean;
  /** Whether it is a variant of another device, without offloads and otherwise equal. */
  readonly isVariant: boolean;
  /** Whether it has a forwarding database. */
  readonly learns: boolean;
  /** Whether it is a process of its own that can attach to existing TAPs. */
  readonly hasProcess: boolean;
  /** Prepares the whole run. Returns why the device cannot be measured here, or undefined. */
  prepare(): string | undefined;
  /** Makes the hosts' interfaces and joins them. If it fails, it leaves nothing running. */
  start(site: Site): Promise<RunningDut>;
}

export interface RunningDut {
  /** Process of the device; undefined if it is a part of the kernel. */
  readonly pid?: number;
  stop(): Promise<void>;
}

/** A tapswitch with default options: the targets are about it. */
export type OurDut = Dut & { readonly tree: Tree };

export const isOurs = (dut: Dut): dut is OurDut => dut.tree !== undefined && !dut.isVariant;

export const fits = (dut: Dut, shape: Shape): boolean =>
  shape.ports <= dut.maxPorts &&
  shape.mtu <= dut.maxMtu &&
  (dut.learns || shape.addressCapacity === undefined);

/** Answer of `prepare` for a program that is not installed. */
export const missing = (path: string, cure: string): string | undefined =>
  existsSync(path) ? undefined : `${path} is not there: ${cure}`;
