/** The ports that a hook names in a verdict or for a frame that it sends, checked. */

import type { HookTarget } from './hook';
import { HookPort, type HookPorts } from './hook-ports';

/**
 * Writes the ids of the ports to a list, in place of what it has.
 * @throws TypeError for a port that does not exist, and for anything that is no port
 */
export function readTargets(ports: HookPorts, target: HookTarget, ids: number[]): void {
  ids.length = 0;
  if (!Array.isArray(target)) {
    ids.push(readPort(ports, target as string | HookPort));
    return;
  }
  for (const one of target as readonly (string | HookPort)[]) {
    const id = readPort(ports, one);
    if (!ids.includes(id)) ids.push(id);
  }
}

/** @throws TypeError for a port that does not exist, and for anything that is no port */
export function readPort(ports: HookPorts, port: string | HookPort): number {
  if (port instanceof HookPort) {
    if (ports.has(port)) return port.id;
    throw new TypeError(`port ${port.name} is removed`);
  }
  if (typeof port !== 'string') throw new TypeError('a port is its name, or an object of ports');
  const found = ports.get(port);
  if (found !== undefined) return found.id;
  throw new TypeError(`no port ${port}; the ports are: ${ports.names.join(', ')}`);
}
