/** Mirrors: what may be asked of them. */

import type { z } from 'zod';
import { field, fieldList, mapping } from '../../config/rule-schema';
import { checkMirror, mirrorDirection, mirrorName, mirrorVlan } from '../../config/values/mirror';
import { ValueError, onOff, textRule } from '../../config/values/rule';
import { RequestError } from '../../system/request-error';
import type { TapSwitch } from '../tap-switch';
import { MAPPING, inBothForms } from './forms';
import { portName } from './ports';

const filter = textRule('a filter in the words of tcpdump', (text) => text);

export const newMirror = mapping(
  {
    name: field(mirrorName),
    from: fieldList(portName, 'a list of ports, one at least', 1).describe(
      'ports whose frames are copied',
    ),
    direction: field(mirrorDirection).optional(),
    vlan: field(mirrorVlan).optional(),
    filter: field(filter).optional(),
    to: field(portName),
    shared: field(onOff).optional(),
    replace: field(onOff).optional(),
  },
  MAPPING,
).meta({ id: 'NewMirror' });
export type NewMirror = z.output<typeof newMirror>;

export const mirrorRemoval = inBothForms((to, words) => mapping({ name: to(mirrorName) }, words));

/** Adds a mirror; with `replace`, in place of the one of the same name. @throws RequestError */
export function addMirror(tapSwitch: TapSwitch, mirror: NewMirror): Promise<void> {
  const { name, from, direction = 'both', vlan, filter: words, to, shared = false } = mirror;
  const more = {
    ...(vlan !== undefined && { vlan }),
    ...(words !== undefined && { filter: words }),
  };
  const spec = { name, from, direction, ...more, port: to, shared };
  return tapSwitch.change(() => tapSwitch.addMirror(checked(spec), mirror.replace ?? false));
}

/** @throws RequestError if there is no such mirror */
export function removeMirror(tapSwitch: TapSwitch, name: string): Promise<void> {
  return tapSwitch.change(() => tapSwitch.removeMirror(name));
}

/** @throws RequestError for a mirror that contradicts itself */
function checked(spec: Parameters<typeof checkMirror>[0]): ReturnType<typeof checkMirror> {
  try {
    return checkMirror(spec);
  } catch (error) {
    if (error instanceof ValueError) throw new RequestError('conflict', error.message);
    throw error;
  }
}
