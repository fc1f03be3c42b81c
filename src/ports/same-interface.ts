/**
 * Two ways to ask for one interface. A namespace has a name, the path of that name, links to it and a
 * path in /proc: two labels can mean one device, which one port may have.
 */

import { isPattern } from '../config/values/interface-name';
import { type PortSpec, portLabel } from '../config/values/port-spec';
import { UsageError } from '../system/usage-error';
import { netnsOf } from '../system/netns';

type Asked = Pick<PortSpec, 'name' | 'netns'>;

/** Whether both mean the same name in the same namespace. The kernel makes each pattern a new name. */
export function isSameInterface(a: Asked, b: Asked): boolean {
  if (a.name !== b.name || isPattern(a.name)) return false;
  return a.netns === b.netns || placeOf(a) === placeOf(b);
}

/** @throws UsageError that names both, where two ports mean one interface. */
export function refuseSameInterface(ports: readonly PortSpec[]): void {
  const seen = new Map<string, PortSpec>();
  for (const port of ports) {
    if (isPattern(port.name)) continue;
    const place = placeOf(port);
    const other = seen.get(place);
    if (other !== undefined) {
      const both = `${portLabel(other)} and ${portLabel(port)}`;
      throw new UsageError(`${both} are the same interface; give it once`);
    }
    seen.set(place, port);
  }
}

/** A namespace that is not there is known by its name alone. */
function placeOf({ name, netns }: Asked): string {
  return `${netnsOf(netns).id || netns}\0${name}`;
}
