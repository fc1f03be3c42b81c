/**
 * An impairment, written as for `tapctl impair add`, in the words of tc-netem(8):
 * `tap0 out delay 10ms 2ms distribution normal loss 1% match udp port 53 seed 7`.
 *
 * Unlike in tc, each time, rate and percentage has its unit, because a number alone means another unit to
 * each reader.
 */

import {
  type Chance,
  DEFAULT_LIMIT,
  DISTRIBUTIONS,
  type Delay,
  type Direction,
  type Effects,
  type LossModel,
} from '../../impair/settings';
import { MAX_IMPAIRMENTS } from '../../impair/impairments';
import type { ListLimit } from '../list-limit';
import {
  type Rule,
  ValueError,
  at,
  describe,
  expected,
  oneOf,
  textRule,
  wholeNumber,
} from './rule';
import { filterFault } from './filter-fault';
import { noSuch } from './suggest';

export interface ImpairmentSpec extends Effects {
  /** Label of the port. */
  readonly port: string;
  readonly direction: Direction;
  /** Filter in tcpdump's words; without it, every frame. */
  readonly match?: string;
  readonly nth?: number;
  readonly every?: number;
  /** Milliseconds after which it begins; at once unless given. */
  readonly atMs?: number;
  /** Milliseconds after which it ends; never unless given. */
  readonly forMs?: number;
  /** Seed of the fates; random unless given. */
  readonly seed?: number;
}

const WHAT =
  'PORT in|out WORD..., such as tap0 out delay 10ms 2ms loss 1% match udp port 53 seed 7';

export const impairmentDirection: Rule<Direction> = oneOf('in', 'out');
export const impairmentCount = wholeNumber({ from: 1, to: 2 ** 31 - 1, unit: 'frames' });
export const impairmentSeed = wholeNumber({ from: 0, to: 2 ** 32 - 1 });
const limit = wholeNumber({ from: 1, to: 1_000_000, unit: 'frames' });
const gap = wholeNumber({ from: 1, to: 1_000_000, unit: 'frames' });
const distribution = oneOf(...DISTRIBUTIONS);

const MS_PER_UNIT = new Map([
  ['s', 1_000],
  ['sec', 1_000],
  ['secs', 1_000],
  ['ms', 1],
  ['msec', 1],
  ['msecs', 1],
  ['us', 1e-3],
  ['usec', 1e-3],
  ['usecs', 1e-3],
]);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Units of tc(8): bits a second, and bytes a second (`bps`). */
const BITS_PER_UNIT = new Map([
  ['bit', 1],
  ['kbit', 1e3],
  ['mbit', 1e6],
  ['gbit', 1e9],
  ['kibit', 2 ** 10],
  ['mibit', 2 ** 20],
  ['gibit', 2 ** 30],
  ['bps', 8],
  ['kbps', 8e3],
  ['mbps', 8e6],
  ['gbps', 8e9],
]);
const MOST_BITS = 1e12;

/** Rule for a time with its unit, in milliseconds. */
const delayTime = timeRule('a time with its unit, at most 3600s, such as 10ms', HOUR_MS);

/** Rule for the seconds of `at` and `for`; `s` may be left out. */
export const impairmentTime = timeRule('a time of at most 86400s, such as 5s', DAY_MS, 's');

const rate = textRule('a rate with its unit, at most 1000gbit, such as 10mbit', (text) => {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([a-z]+)$/.exec(text.toLowerCase()) ?? [];
  const bits = Number(number) * (BITS_PER_UNIT.get(unit) ?? Number.NaN);
  return bits >= 1 && bits <= MOST_BITS ? bits : undefined;
});

const percentage = textRule('a percentage from 0% to 100%, such as 0.1%', (text) => {
  const [, number] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  const part = Number(number) / 100;
  return part <= 1 ? part : undefined;
});

function timeRule(what: string, mostMs: number, bareUnit = ''): Rule<number> {
  return textRule(what, (text) => {
    const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([a-z]*)$/.exec(text) ?? [];
    const ms = Number(number) * (MS_PER_UNIT.get(unit === '' ? bareUnit : unit) ?? Number.NaN);
    return ms <= mostMs ? ms : undefined;
  });
}

// Reading -------------------------------------------------------------------------------------

/** Words of an impairment: each may be given once. */
interface Given extends Omit<Change<ImpairmentSpec>, 'delay' | 'port' | 'direction' | 'limit'> {
  delay?: Change<Delay>;
  limit?: number;
  distribution?: Delay['distribution'];
}
type Change<T> = { -readonly [K in keyof T]: T[K] };

const READERS: Readonly<Record<string, (words: Words, given: Given) => void>> = {
  delay: (words, given) => {
    given.delay = {
      ms: words.need(delayTime),
      jitterMs: words.number(delayTime) ?? 0,
      correlation: words.number(percentage) ?? 0,
      distribution: 'uniform',
    };
  },
  distribution: (words, given) => void (given.distribution = words.need(distribution)),
  loss: (words, given) => void (given.loss = readLoss(words)),
  duplicate: (words, given) => void (given.duplicate = readChance(words)),
  corrupt: (words, given) => void (given.corrupt = readChance(words)),
  reorder: (words, given) => {
    const chance = readChance(words);
    given.reorder = { ...chance, gap: words.skip('gap') ? at('gap', () => words.need(gap)) : 1 };
  },
  rate: (words, given) => void (given.rate = words.need(rate)),
  limit: (words, given) => void (given.limit = words.need(limit)),
  match: (words, given) => void (given.match = words.filter()),
  nth: (words, given) => void (given.nth = words.need(impairmentCount)),
  every: (words, given) => void (given.every = words.need(impairmentCount)),
  at: (words, given) => void (given.atMs = words.need(impairmentTime)),
  for: (words, given) => void (given.forMs = words.need(impairmentTime)),
  seed: (words, given) => void (given.seed = words.need(impairmentSeed)),
};

export const IMPAIRMENT_WORDS = Object.keys(READERS);

function readChance(words: Words): Chance {
  return {
    probability: words.number(percentage) ?? 1,
    correlation: words.number(percentage) ?? 0,
  };
}

function readLoss(words: Words): LossModel {
  if (words.skip('gemodel')) {
    const toBad = words.need(percentage);
    return {
      kind: 'gemodel',
      toBad,
      toGood: words.number(percentage) ?? 1 - toBad,
      lossInBad: words.number(percentage) ?? 1,
      lossInGood: words.number(percentage) ?? 0,
    };
  }
  if (words.skip('state')) {
    const p13 = words.need(percentage);
    const p31 = words.number(percentage) ?? 1 - p13;
    const p32 = words.number(percentage) ?? 0;
    const p23 = words.number(percentage) ?? 1;
    const p14 = words.number(percentage) ?? 0;
    if (p31 + p32 > 1) throw new ValueError('p31 and p32 are more than 100% together');
    if (p13 + p14 > 1) throw new ValueError('p13 and p14 are more than 100% together');
    return { kind: 'state', p13, p31, p32, p23, p14 };
  }
  words.skip('random');
  return { kind: 'random', ...readChance(words) };
}

/** The words behind the direction, one after the other. */
class Words {
  private readonly words: readonly string[];
  private next = 0;

  constructor(text: string) {
    this.words = text.split(/\s+/).filter(Boolean);
  }

  take(): string | undefined {
    return this.words[this.next++];
  }

  /** Skips a word, if it is the next one. */
  skip(word: string): boolean {
    if (this.words[this.next] !== word) return false;
    this.next++;
    return true;
  }

  /** @throws ValueError unless the next word is such a value */
  need<T>(rule: Rule<T>): T {
    return rule.fromText(this.take() ?? '');
  }

  /** @returns the value of the next word, if it begins with a digit */
  number<T>(rule: Rule<T>): T | undefined {
    return /^[\d.+-]/.test(this.words[this.next] ?? '') ? this.need(rule) : undefined;
  }

  /** Words of a filter: all up to one that no filter has. */
  filter(): string {
    const from = this.next;
    while (this.next < this.words.length && !this.endsFilter()) this.next++;
    const text = this.words.slice(from, this.next).join(' ');
    const fault = text === '' ? 'expected a filter in the words of tcpdump' : filterFault(text);
    if (fault !== undefined) throw new ValueError(fault);
    return text;
  }

  private endsFilter(): boolean {
    return IMPAIRMENT_WORDS.includes(this.words[this.next] ?? '');
  }
}

const HEAD = /^\s*(\S.*?)\s+(in|out)(?:\s+(\S.*?))?\s*$/;

/** @throws ValueError for words that are no impairment, or contradict each other */
export function readImpairment(text: string): ImpairmentSpec {
  const [, port, direction, rest = ''] = HEAD.exec(text) ?? [];
  if (port === undefined) throw expected(WHAT, text);
  const given = readWords(rest);
  const { distribution: shape, ...others } = given;
  refuseContradiction(given);
  return {
    port,
    direction: direction as Direction,
    ...others,
    ...(given.delay !== undefined && {
      delay: { ...given.delay, distribution: shape ?? given.delay.distribution },
    }),
    limit: given.limit ?? DEFAULT_LIMIT,
  };
}

function readWords(text: string): Given {
  const words = new Words(text);
  const given: Given = {};
  const seen = new Set<string>();
  for (let word = words.take(); word !== undefined; word = words.take()) {
    const read = Object.hasOwn(READERS, word) ? READERS[word] : undefined;
    if (read === undefined) {
      throw new ValueError(`${describe(word)}: ${noSuch('word', word, IMPAIRMENT_WORDS)}`);
    }
    if (seen.has(word)) throw new ValueError(`${word} is given twice; once is enough`);
    seen.add(word);
    at(word, () => read(words, given));
  }
  return given;
}

/** Words that choose impairments of a port: `tap0 out match arp`. Those that are absent choose all. */
export type ImpairmentChoice = Pick<ImpairmentSpec, 'port'> &
  Partial<Pick<ImpairmentSpec, 'direction' | 'match' | 'nth' | 'every'>>;

const CHOICE = /^\s*(\S.*?)(?:\s+(in|out))?(?:\s+((?:match|nth|every)(?:\s.*?)?))?\s*$/;

/** @throws ValueError for other words */
export function impairmentChoice(text: string): ImpairmentChoice {
  const [, port, direction, rest = ''] = CHOICE.exec(text) ?? [];
  if (port === undefined) {
    throw expected('PORT [in|out] [match FILTER] [nth N] [every N]', text);
  }
  const given = readWords(rest);
  return {
    port,
    ...(direction !== undefined && { direction: impairmentDirection.fromText(direction) }),
    ...(given.match !== undefined && { match: given.match }),
    ...(given.nth !== undefined && { nth: given.nth }),
    ...(given.every !== undefined && { every: given.every }),
  };
}

/** Whether an impairment is among those that were chosen. */
export function fitsChoice(spec: ImpairmentSpec, choice: ImpairmentChoice): boolean {
  const keys = ['port', 'direction', 'match', 'nth', 'every'] as const;
  return keys.every((key) => choice[key] === undefined || choice[key] === spec[key]);
}

function refuseContradiction(given: Given): void {
  const { corrupt, delay, duplicate, every, loss, nth, rate: bits, reorder } = given;
  if ([corrupt, delay, duplicate, loss, bits, reorder].every((effect) => effect === undefined)) {
    const effects = 'delay, loss, duplicate, corrupt, reorder or rate';
    throw new ValueError(`expected ${effects}, got none of them; say what happens to the frames`);
  }
  if (nth !== undefined && every !== undefined) {
    throw new ValueError('nth and every exclude each other; give one of them');
  }
  if (given.distribution !== undefined && (delay?.jitterMs ?? 0) === 0) {
    throw new ValueError('distribution: there is no jitter; give delay TIME JITTER');
  }
  if (reorder !== undefined && delay === undefined && bits === undefined) {
    throw new ValueError('reorder: no frame is held that another could overtake; give a delay');
  }
}

// Writing -------------------------------------------------------------------------------------

/** Rule of an impairment. A file may also have a mapping of its words, such as `{ port: tap0, direction: out, loss: 1% }`. */
export const impairmentSpec: Rule<ImpairmentSpec> = {
  fromText: (text) => textRule(WHAT, readImpairment).fromText(text),
  fromValue: (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return textRule(WHAT, readImpairment).fromValue(value);
    }
    return textRule(WHAT, readImpairment).fromText(textOf(value as Record<string, unknown>));
  },
  schema: {
    description: WHAT,
    anyOf: [
      { type: 'string' },
      {
        type: 'object',
        required: ['port', 'direction'],
        properties: {
          port: { type: 'string' },
          direction: impairmentDirection.schema,
          ...Object.fromEntries(
            IMPAIRMENT_WORDS.map((word) => [word, { type: ['string', 'number', 'null'] }]),
          ),
        },
        additionalProperties: false,
      },
    ],
  },
};

/** The words of a mapping. A key without a value is a word alone. */
function textOf({ port, direction, ...words }: Record<string, unknown>): string {
  const texts = Object.entries(words).map(([word, value]) => `${word} ${textOfValue(word, value)}`);
  return [textOfValue('port', port), impairmentDirection.fromValue(direction), ...texts].join(' ');
}

function textOfValue(place: string, value: unknown): string {
  if (value === null) return '';
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  return at(place, () => {
    throw expected('a text or a number', value);
  });
}

/** Text that no two impairments of a switch share: the port, the direction, and which frames are taken. */
export function impairmentIdentity({
  port,
  direction,
  match,
  nth,
  every,
}: Pick<ImpairmentSpec, 'port' | 'direction' | 'match' | 'nth' | 'every'>): string {
  return [
    `${port} ${direction}`,
    match === undefined ? '' : ` match ${match}`,
    nth === undefined ? '' : ` nth ${nth}`,
    every === undefined ? '' : ` every ${every}`,
  ].join('');
}

/** Limit of the impairments of a switch: so many of each port and direction. */
export const IMPAIRMENT_LIMIT: ListLimit<ImpairmentSpec> = {
  max: MAX_IMPAIRMENTS,
  groupOf: ({ direction, port }) => `${port} ${direction}`,
  limitText: (group) => `${MAX_IMPAIRMENTS} impairments of ${group} at most`,
};

/** The effects in words, such as `delay 10ms 2ms loss 1%`. */
export function formatEffects(effects: Effects): string {
  const { corrupt, delay, duplicate, loss, rate: bits, reorder } = effects;
  const words = [
    ...(delay === undefined ? [] : [formatDelay(delay)]),
    ...(loss === undefined ? [] : [`loss ${formatLoss(loss)}`]),
    ...(duplicate === undefined ? [] : [`duplicate ${formatChance(duplicate)}`]),
    ...(corrupt === undefined ? [] : [`corrupt ${formatChance(corrupt)}`]),
    ...(reorder === undefined ? [] : [formatReorder(reorder)]),
    ...(bits === undefined ? [] : [`rate ${formatRate(bits)}`]),
    ...(effects.limit === DEFAULT_LIMIT ? [] : [`limit ${effects.limit}`]),
  ];
  return words.join(' ');
}

/** Text from which the rule reads the same impairment. */
export function formatImpairment(spec: ImpairmentSpec): string {
  const { atMs, every, forMs, match, nth, seed } = spec;
  return [
    `${spec.port} ${spec.direction} ${formatEffects(spec)}`,
    ...(match === undefined ? [] : [`match ${match}`]),
    ...(nth === undefined ? [] : [`nth ${nth}`]),
    ...(every === undefined ? [] : [`every ${every}`]),
    ...(atMs === undefined ? [] : [`at ${formatTime(atMs)}`]),
    ...(forMs === undefined ? [] : [`for ${formatTime(forMs)}`]),
    ...(seed === undefined ? [] : [`seed ${seed}`]),
  ].join(' ');
}

function formatDelay({ correlation, distribution: shape, jitterMs, ms }: Delay): string {
  const shaped = shape === 'uniform' ? '' : ` distribution ${shape}`;
  const correlated = correlation === 0 ? '' : ` ${formatPercent(correlation)}`;
  const jittered = jitterMs === 0 && correlated === '' ? '' : ` ${formatTime(jitterMs)}`;
  return `delay ${formatTime(ms)}${jittered}${correlated}${shaped}`;
}

function formatLoss(loss: LossModel): string {
  switch (loss.kind) {
    case 'random':
      return formatChance(loss);
    case 'gemodel': {
      const { toBad, toGood, lossInBad, lossInGood } = loss;
      return ['gemodel', ...[toBad, toGood, lossInBad, lossInGood].map(formatPercent)].join(' ');
    }
    case 'state': {
      const { p13, p31, p32, p23, p14 } = loss;
      return ['state', ...[p13, p31, p32, p23, p14].map(formatPercent)].join(' ');
    }
  }
}

function formatChance({ correlation, probability }: Chance): string {
  const correlated = correlation === 0 ? '' : ` ${formatPercent(correlation)}`;
  return `${formatPercent(probability)}${correlated}`;
}

function formatReorder(reorder: Chance & { readonly gap: number }): string {
  return `reorder ${formatChance(reorder)}${reorder.gap === 1 ? '' : ` gap ${reorder.gap}`}`;
}

function formatPercent(part: number): string {
  return `${rounded(part * 100)}%`;
}

export function formatTime(ms: number): string {
  if (ms !== 0 && ms % 1_000 === 0) return `${ms / 1_000}s`;
  return ms < 1 && ms > 0 ? `${rounded(ms * 1_000)}us` : `${rounded(ms)}ms`;
}

function formatRate(bits: number): string {
  for (const unit of ['gbit', 'mbit', 'kbit']) {
    const size = BITS_PER_UNIT.get(unit) ?? 1;
    if (bits >= size && bits % (size / 1_000) === 0) return `${rounded(bits / size)}${unit}`;
  }
  return `${rounded(bits)}bit`;
}

/** Without the noise of binary fractions, and never with an exponent. */
function rounded(value: number): string {
  return value.toFixed(9).replace(/\.?0+$/, '');
}
