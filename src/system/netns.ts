/** Network namespaces by name, path and identity, as far as this process may see them. */

import { readdirSync, statSync } from 'node:fs';

/** Folder of the names of `ip netns`. */
export const NETNS_FOLDER = '/run/netns';
const OWN_NETNS = '/proc/self/ns/net';

export interface Netns {
  /** Name of `ip netns`, or a path where there is none; `undefined` for this process's namespace. */
  readonly name: string | undefined;
  /** `DEVICE:INODE` of its file: equal for two names of one namespace. */
  readonly id: string;
}

/** The file of a namespace, from its name or its path. */
export function netnsPath(netns: string): string {
  return netns.includes('/') ? netns : `${NETNS_FOLDER}/${netns}`;
}

/** @param name name or path; this process's namespace unless given. A missing one has an empty id. */
export function netnsOf(name?: string): Netns {
  return { name, id: netnsId(name === undefined ? OWN_NETNS : netnsPath(name)) ?? '' };
}

/** The file by which to enter a namespace; `undefined` for this process's own. */
export function pathOf({ name }: Netns): string | undefined {
  return name === undefined ? undefined : netnsPath(name);
}

/** This process's namespace, named ones and those of other processes; each of them once. */
export function visibleNetns(): Netns[] {
  const byId = new Map<string, Netns>();
  const ofProcesses = processIds().map((pid) => `/proc/${pid}/ns/net`);
  for (const name of [undefined, ...namesIn(NETNS_FOLDER).sort(), ...ofProcesses]) {
    const netns = netnsOf(name);
    if (netns.id !== '' && !byId.has(netns.id)) byId.set(netns.id, netns);
  }
  return [...byId.values()];
}

/** Ids of all processes that are visible now. */
export function processIds(): number[] {
  return namesIn('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The names in a folder; none where it does not exist or may not be read. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function netnsId(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
