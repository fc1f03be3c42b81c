/**
 * Eviction: the choice of the entry of a full forwarding database that makes room for a new one.
 *
 * A new address takes the place of an entry of the port that has most, or of the learner's own port if that
 * has as many. So a port within its fair share loses nothing to a port above it. Among a small sample of
 * the victim port's entries, the one that was silent longest is evicted. Static entries are never evicted.
 */

import { i32At } from '../../wire/read';
import { LAYOUT } from './entry';

const { KEY, UPDATED, PORT, ENTRY_WORDS, STATIC, PORT_MASK } = LAYOUT;

const VICTIM_SAMPLE = 4;
/**
 * Entries of a sample in a table that the search reads in full: a port with so few gives up the very one
 * that was silent longest.
 */
const SMALL_TABLE_SAMPLE = 16;
/** Slots in which the search completes its sample after it has found one entry. */
const VICTIM_SAMPLE_SLOTS = 512;
/**
 * Slots in which the search must find a first victim. A port with few entries and a low limit of its own
 * may find none. Its new station is then refused, and the next frame continues the search. Without the
 * bound, one such port could stall the switch with new addresses.
 */
const VICTIM_SEARCH_SLOTS = 4_096;

/**
 * The port with most learned entries; the learner's own when no other has more.
 * @param perPort learned entries of each port
 * @param ceiling no port at or above this one has any
 */
export function heaviestPort(perPort: Int32Array, ceiling: number, learner: number): number {
  let heaviest = learner;
  for (let port = 0; port < ceiling; port++) {
    if (i32At(perPort, port) > i32At(perPort, heaviest)) heaviest = port;
  }
  return heaviest;
}

/**
 * The learned entry of `port` that is to go: the longest silent of the next few.
 * @param victimAt port → the slot from which its next victim is looked for. One for all ports would
 *   let their entries drift apart into regions, with runs of thousands of slots.
 * @returns its word index, or -1 where none lies near enough
 */
export function findVictim(table: Int32Array, victimAt: Int32Array, port: number): number {
  const slots = table.length / ENTRY_WORDS;
  const isSmall = slots <= VICTIM_SEARCH_SLOTS;
  const sample = isSmall ? SMALL_TABLE_SAMPLE : VICTIM_SAMPLE;
  const boundOfRest = isSmall ? slots : VICTIM_SAMPLE_SLOTS;
  let victim = -1;
  let found = 0;
  let bound = isSmall ? slots : VICTIM_SEARCH_SLOTS;
  for (let step = 0; found < sample && step < bound; step++) {
    const slot = i32At(victimAt, port);
    const at = slot * ENTRY_WORDS;
    victimAt[port] = slot + 1 === slots ? 0 : slot + 1;
    const key = i32At(table, at + KEY);
    if (key === 0 || (key & STATIC) !== 0) continue;
    if ((i32At(table, at + PORT) & PORT_MASK) !== port) continue;
    found++;
    bound = boundOfRest;
    if (victim < 0 || isSilentLonger(table, at, victim)) victim = at;
  }
  return victim;
}

/** Whether `at` was heard before `other`. The difference, unlike the order, survives a wrap. */
function isSilentLonger(table: Int32Array, at: number, other: number): boolean {
  return ((i32At(table, at + UPDATED) - i32At(table, other + UPDATED)) | 0) < 0;
}
