/**
 * How one kind of value of the configuration is read and what a right one looks like.
 *
 * A value comes either as text (an option's argument, a `KEY=VALUE` of a port) or typed (a number,
 * text or boolean of a configuration file). Each kind of value has one rule that reads both, so
 * that the command line and the file accept the same and complain in the same words.
 */

/** A value that was refused. The message says what would be right; where it stood, the caller adds. */
export class ValueError extends Error {
  override readonly name = 'ValueError';
}

/** What a value may look like, for editors and API clients, in the words of JSON Schema 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Both readers throw {@link ValueError}. */
export interface Rule<T> {
  readonly fromText: (text: string) => T;
  readonly fromValue: (value: unknown) => T;
  /** Of the values that `fromValue` takes; it may take fewer than the schema tells. */
  readonly schema: JsonSchema;
}

/** Enough of a wrong value to recognise it by. */
const SHOWN_LENGTH_MAX = 60;

/** A wrong value as it is shown to a person, always on one line. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  switch (typeof value) {
    case 'string': {
      const end = value.length > SHOWN_LENGTH_MAX ? '…' : '';
      return JSON.stringify(value.slice(0, SHOWN_LENGTH_MAX)) + end;
    }
    case 'object':
      return Array.isArray(value) ? 'a list' : 'a mapping';
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return `a ${typeof value}`;
  }
}

/**
 * `expected WHAT, got VALUE`, as an error to throw.
 * @param fault what the value is instead, where its looks do not tell.
 */
export function expected(what: string, got: unknown, fault?: string): ValueError {
  const reason = fault === undefined ? '' : `, ${fault}`;
  return new ValueError(`expected ${what}, got ${describe(got)}${reason}`);
}

/** Says in front of a refusal where the value stood: `mtu: expected …`. */
export function at<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ValueError) throw new ValueError(`${place}: ${error.message}`);
    throw error;
  }
}

/**
 * What JSON and YAML can put into a text, and a command line, a path or a URL cannot: the byte zero, and
 * half a character (a lone surrogate).
 */
const NOT_TEXT = /[\0\p{Cs}]/u;

/**
 * Values that are written as text in both places.
 * @param parse returns `undefined` for text that is no such value, or throws a ValueError of its
 *   own where it can say more.
 */
export function textRule<T>(what: string, parse: (text: string) => T | undefined): Rule<T> {
  const fromText = (text: string): T => {
    const value = NOT_TEXT.test(text) ? undefined : parse(text);
    if (value === undefined) throw expected(what, text);
    return value;
  };
  return {
    fromText,
    fromValue: (value) => {
      if (typeof value !== 'string') throw expected(what, value);
      return fromText(value);
    },
    schema: { type: 'string', description: what },
  };
}

/** One of a few words. */
export function oneOf<const W extends string>(...words: W[]): Rule<W> {
  const what = `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
  const rule = textRule(what, (text) => words.find((word) => word === text));
  return { ...rule, schema: { enum: words } };
}

/** `on` or `off`; in a file also `true` or `false`, which YAML 1.2 does not take `on` for. */
export const onOff: Rule<boolean> = {
  fromText: (text) => oneOf('on', 'off').fromText(text) === 'on',
  fromValue: (value) => {
    if (typeof value === 'boolean') return value;
    if (value === 'on' || value === 'off') return value === 'on';
    throw expected('true or false', value);
  },
  schema: { enum: [true, false, 'on', 'off'] },
};

export interface WholeNumberRange {
  readonly from: number;
  readonly to: number;
  /** 0 is right as well, although it lies outside the range. */
  readonly orZero?: boolean;
  /** What is counted, in the plural. */
  readonly unit?: string;
}

/** A decimal number without sign, point or exponent, both ends of the range included. */
export function wholeNumber({ from, to, orZero = false, unit }: WholeNumberRange): Rule<number> {
  const counted = unit === undefined ? '' : ` of ${unit}`;
  const what = `a whole number${counted} from ${from} to ${to}${orZero ? ', or 0' : ''}`;
  const range = { type: 'integer', minimum: from, maximum: to };
  const isRight = (value: number): boolean =>
    Number.isInteger(value) && ((value >= from && value <= to) || (orZero && value === 0));
  return {
    fromText: (text) => {
      const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
      if (!isRight(value)) throw expected(what, text);
      return value;
    },
    fromValue: (value) => {
      if (typeof value !== 'number' || !isRight(value)) throw expected(what, value);
      return value;
    },
    schema: orZero
      ? { anyOf: [{ const: 0 }, range], description: what }
      : { ...range, description: what },
  };
}

/** The same rule with its result in another unit or form. */
export function mapRule<A, B>(rule: Rule<A>, convert: (value: A) => B): Rule<B> {
  return {
    fromText: (text) => convert(rule.fromText(text)),
    fromValue: (value) => convert(rule.fromValue(value)),
    schema: rule.schema,
  };
}
