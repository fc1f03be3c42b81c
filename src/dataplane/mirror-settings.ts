/** A mirror as the bridge takes it: its filter is a function. A trace makes it the same way. */

import { frameFilter } from '../capture/frame-filter';
import type { MirrorSettings } from '../l2/mirrors';
import type { MirrorOrder } from './messages';

export function mirrorSettings({ filter, ...settings }: MirrorOrder): MirrorSettings {
  return { ...settings, ...(filter !== undefined && { accepts: frameFilter(filter) }) };
}
