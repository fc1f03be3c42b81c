/**
 * Processes that hold TUN/TAP devices open. The `iff:` line of a descriptor's fdinfo has the name of the
 * device, but not its namespace.
 *
 * Source: tun_chr_show_fdinfo in the kernel's drivers/net/tun.c.
 */

import { readFileSync, readlinkSync } from 'node:fs';
import { native } from '../native/native';
import { namesIn, processIds } from '../system/netns';

const TUN_FILE = /\/net\/tun$/;

export interface Holder {
  readonly pid: number;
  /** Name of the program, from the process's `comm`: 15 bytes at most. */
  readonly program: string;
}

export interface HeldDevice extends Holder {
  readonly device: string;
  /** Id of the device's namespace (see `Netns`); `undefined` where it is unknown. */
  readonly netnsId: string | undefined;
}

/** Devices held by the processes that this one may look into. Root may look into all. */
export function findHolders(): HeldDevice[] {
  return processIds().flatMap((pid) =>
    tunDescriptors(pid).flatMap(({ fd, device }) => {
      const program = readText(`/proc/${pid}/comm`)?.trimEnd();
      if (program === undefined) return [];
      return [{ pid, program, device, netnsId: native().netnsOfHeldDevice(pid, fd) }];
    }),
  );
}

/** Holders of one device, each of them once, even if it holds several queues. */
export function holdersOf(
  all: readonly HeldDevice[],
  device: { readonly name: string; readonly netnsId: string },
): Holder[] {
  const byPid = new Map<number, Holder>();
  for (const { pid, program, ...held } of all) {
    const isHere = held.netnsId === undefined || held.netnsId === device.netnsId;
    if (held.device === device.name && isHere) byPid.set(pid, { pid, program });
  }
  return [...byPid.values()];
}

function tunDescriptors(pid: number): { fd: number; device: string }[] {
  return namesIn(`/proc/${pid}/fd`).flatMap((fd) => {
    if (!isTunFile(`/proc/${pid}/fd/${fd}`)) return [];
    const device = /^iff:\t(.+)$/m.exec(readText(`/proc/${pid}/fdinfo/${fd}`) ?? '')?.[1];
    return device === undefined ? [] : [{ fd: Number(fd), device }];
  });
}

function isTunFile(link: string): boolean {
  try {
    return TUN_FILE.test(readlinkSync(link));
  } catch {
    return false;
  }
}

/** @returns `undefined` for a process that has ended, or that this one may not look into */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
