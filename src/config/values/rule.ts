/**
 * Rules of the configuration: how one kind of value is read, and which values are valid.
 *
 * A value comes as text (an option's argument, a `KEY=VALUE` of a port) or typed (a number, text or
 * boolean of a configuration file). Each kind of value has one rule that reads both, so that the command
 * line and the file accept the same values and complain in the same words.
 */

/** A refused value. The message says what is expected; the caller adds where the value stood. */
export class ValueError extends Error {
  override readonly name = 'ValueError';
}

/** JSON Schema (2020-12) of a value, for editors and API clients. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Rule of one kind of value. Both readers throw {@link ValueError}. */
export interface Rule<T> {
  readonly fromText: (text: string) => T;
  readonly fromValue: (value: unknown) => T;
  /** Schema of the values that `fromValue` takes. `fromValue` may refuse some values that the schema allows. */
  readonly schema: JsonSchema;
}

/** Characters shown of a wrong value: enough to recognise it. */
const SHOWN_LENGTH_MAX = 60;

/** Text of a wrong value for a person, always on one line. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  switch (typeof value) {
    case 'string': {
      const end = value.length > SHOWN_LENGTH_MAX ? '…' : '';
      return JSON.stringify(value.slice(0, SHOWN_LENGTH_MAX)) + end;
    }
    case 'object':
      if (!Array.isArray(value)) return 'a mapping';
      return value.length === 0 ? 'an empty list' : 'a list';
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return `a ${typeof value}`;
  }
}

/**
 * Error with the message `expected WHAT, got VALUE`.
 * @param fault what is wrong with the value, where the value alone does not show it.
 */
export function expected(what: string, got: unknown, fault?: string): ValueError {
  const reason = fault === undefined ? '' : `, ${fault}`;
  return new ValueError(`expected ${what}, got ${describe(got)}${reason}`);
}

/** Adds to a refusal where the value stood: `mtu: expected …`. */
export function at<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ValueError) throw new ValueError(`${place}: ${error.message}`);
    throw error;
  }
}

/**
 * Characters that JSON and YAML allow in a text, and that a command line, a path or a URL cannot have: the
 * zero byte, and half a character (a lone surrogate).
 */
const NOT_TEXT = /[\0\p{Cs}]/u;

/**
 * Rule for values that are text on the command line and in a file.
 * @param parse returns `undefined` for a text that is no such value, or throws a ValueError with a
 *   message of its own.
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

/** Rule for one of a few words. */
export function oneOf<const W extends string>(...words: W[]): Rule<W> {
  const what = `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
  const rule = textRule(what, (text) => words.find((word) => word === text));
  return { ...rule, schema: { enum: words } };
}

/** Rule for `on` or `off`, and in a file also `true` or `false`: YAML 1.2 reads `on` as a text. */
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
  /** Whether 0 is valid as well, although it lies outside the range. */
  readonly orZero?: boolean;
  /** Unit of the number, in the plural. */
  readonly unit?: string;
}

/** Rule for a decimal number without sign, point or exponent. The range includes both ends. */
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

/** Rule that converts the result of another rule to another unit or form. */
export function mapRule<A, B>(rule: Rule<A>, convert: (value: A) => B): Rule<B> {
  return {
    fromText: (text) => convert(rule.fromText(text)),
    fromValue: (value) => convert(rule.fromValue(value)),
    schema: rule.schema,
  };
}
