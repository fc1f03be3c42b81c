/**
 * A device under test: something that joins the hosts of a site into one Ethernet.
 */

import { existsSync } from 'node:fs';
import type { Shape, Site } from '../lab';
import type { Tree } from '../tree';

export interface Dut {
  /** As on the command line and in the results. */
  readonly name: string;
  /** As in a table. */
  readonly title: string;
  /** Where it was built, if it is a tapswitch. */
  readonly tree?: Tree;
  readonly maxPorts: number;
  readonly maxMtu: number;
  /** It takes part only if it is named. */
  readonly isOptional?: boolean;
  /** It is another one without offloads, and differs from it in nothing else. */
  readonly isVariant: boolean;
  /** It has a forwarding database. */
  readonly learns: boolean;
  /** It runs in a process of its own, and can attach to TAPs that are there. */
  readonly hasProcess: boolean;
  /** Gets what the whole run needs. Returns why it cannot be measured here, or undefined. */
  prepare(): string | undefined;
  /** Makes the hosts' interfaces and joins them. If it fails, nothing of it is left running. */
  start(site: Site): Promise<RunningDut>;
}

export interface RunningDut {
  /** Its process; undefined if it is a part of the kernel. */
  readonly pid?: number;
  stop(): Promise<void>;
}

/** A tapswitch as it starts by default: what the targets are about. */
export type OurDut = Dut & { readonly tree: Tree };

export const isOurs = (dut: Dut): dut is OurDut => dut.tree !== undefined && !dut.isVariant;

export const fits = (dut: Dut, shape: Shape): boolean =>
  shape.ports <= dut.maxPorts &&
  shape.mtu <= dut.maxMtu &&
  (dut.learns || shape.addressCapacity === undefined);

/** What `prepare` says of a program that is not there. */
export const missing = (path: string, cure: string): string | undefined =>
  existsSync(path) ? undefined : `${path} is not there: ${cure}`;
