/** Counters that a hook makes for itself, by name and label. */

import type { HookCounter } from './hook';

/** Most counters of a hook: `/metrics` has a line for each. */
const COUNTERS_MAX = 4_096;
const NAME = /^[a-z_][a-z0-9_]{0,62}$/i;
const LABEL_MAX = 128;

/** A counter as plain data. */
export interface HookCount {
  readonly name: string;
  /** What is counted, if there are several; empty otherwise. */
  readonly label: string;
  readonly value: number;
}

class Counter implements HookCounter {
  value = 0;

  constructor(
    readonly name: string,
    readonly label: string,
  ) {}

  add(count = 1): void {
    if (!Number.isFinite(count) || count < 0) throw new RangeError('a counter only grows');
    this.value += count;
  }
}

export class HookCounters {
  /** Name → label → counter. */
  private readonly counters = new Map<string, Map<string, Counter>>();
  private count = 0;

  /** @throws RangeError, TypeError for a wrong name, and for too many counters */
  get(name: string, label = ''): HookCounter {
    const known = this.counters.get(name)?.get(label);
    return known ?? this.make(name, label);
  }

  list(): HookCount[] {
    return [...this.counters.values()].flatMap((labels) =>
      [...labels.values()].map(({ name, label, value }) => ({ name, label, value })),
    );
  }

  private make(name: string, label: string): HookCounter {
    if (typeof name !== 'string' || !NAME.test(name)) {
      throw new TypeError('the name of a counter has letters, digits and underscores');
    }
    if (typeof label !== 'string' || label.length > LABEL_MAX) {
      throw new TypeError(`the label of a counter is text of at most ${LABEL_MAX} characters`);
    }
    if (this.count >= COUNTERS_MAX) throw new RangeError(`more than ${COUNTERS_MAX} counters`);
    this.count++;
    const counter = new Counter(name, label);
    const labels = this.counters.get(name) ?? new Map<string, Counter>();
    this.counters.set(name, labels.set(label, counter));
    return counter;
  }
}
