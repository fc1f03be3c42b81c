/**
 * The switch's own MAC where none is given: locally administered, the same at every start on one
 * machine for one name, different on another machine.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { type MacWords, locallyAdministered } from '../l2/mac';

/** machine-id(5): unique to an installation, readable by all. */
const MACHINE_ID_FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id'];

export function deriveMac(name: string, machine = machineId()): MacWords {
  const digest = createHash('sha256').update(`tapswitch\0${machine}\0${name}`).digest();
  return locallyAdministered(digest);
}

function machineId(): string {
  for (const path of MACHINE_ID_FILES) {
    try {
      const id = readFileSync(path, 'utf8').trim();
      if (id !== '') return id;
    } catch {
      // Containers often have none: the next best thing follows.
    }
  }
  return hostname();
}
