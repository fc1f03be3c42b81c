/** Network namespaces by name, path and identity, as far as this process may see them. */

import { readdirSync, statSync } from 'node:fs';

const NETNS_FOLDER = '/run/netns';
const OWN_NETNS = '/proc/self/ns/net';

export interface Netns {
  /** As `ip netns` has it, or a path where it has none; `undefined` for that of this process. */
  readonly name: string | undefined;
  /** `DEVICE:INODE` of its file: equal for two names of one namespace. */
  readonly id: string;
}

/** The file of a namespace that is given by its name or its path. */
export function netnsPath(netns: string): string {
  return netns.includes('/') ? netns : `${NETNS_FOLDER}/${netns}`;
}

/** @param name as above; that of this process unless given. A namespace that is not there has no id. */
export function netnsOf(name?: string): Netns {
  return { name, id: netnsId(name === undefined ? OWN_NETNS : netnsPath(name)) ?? '' };
}

/** The file by which to enter it; `undefined` where there is no need to. */
export function pathOf({ name }: Netns): string | undefined {
  return name === undefined ? undefined : netnsPath(name);
}

/** That of this process, those that have a name, and those that some process is in; each once. */
export function visibleNetns(): Netns[] {
  const byId = new Map<string, Netns>();
  const ofProcesses = processIds().map((pid) => `/proc/${pid}/ns/net`);
  for (const name of [undefined, ...namesIn(NETNS_FOLDER).sort(), ...ofProcesses]) {
    const netns = netnsOf(name);
    if (netns.id !== '' && !byId.has(netns.id)) byId.set(netns.id, netns);
  }
  return [...byId.values()];
}

/** Every process that is there now. */
export function processIds(): number[] {
  return namesIn('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The names in a folder; none where there is no such folder or it may not be read. */
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
