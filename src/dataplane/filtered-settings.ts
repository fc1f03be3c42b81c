/** Mirrors and impairments as the bridge takes them: their filters are functions. A trace makes them the same way. */

import { frameFilter } from '../capture/frame-filter';
import type { MirrorSettings } from '../l2/mirrors';
import type { ImpairmentSettings } from '../impair/settings';
import type { ImpairmentOrder, MirrorOrder } from './messages';

export function mirrorSettings({ filter, ...settings }: MirrorOrder): MirrorSettings {
  return { ...settings, ...(filter !== undefined && { accepts: frameFilter(filter) }) };
}

export function impairmentSettings({ filter, ...settings }: ImpairmentOrder): ImpairmentSettings {
  return { ...settings, ...(filter !== undefined && { accepts: frameFilter(filter) }) };
}
