/**
 * How ports are written: `[KIND:]NAME[@NETNS][,KEY[=VALUE]]...`, and the same as a mapping. Made from
 * the kinds of port that there are and the keys of each. The command line, its help, the configuration
 * file and its schema, the API and `tapctl port set` read ports by it, and so all of them know a key as
 * soon as its kind has it.
 */

import {
  DEFAULT_KIND,
  type PortSettings,
  type PortSpec,
  portLabel,
  portNamespace,
  splitAtFirst,
  splitKind,
} from './values/port-spec';
import { type Rule, ValueError, at, describe, onOff } from './values/rule';
import { noSuch } from './values/suggest';

/** One key of a kind of port. */
export interface PortKey {
  readonly rule: Rule<unknown>;
  /** Stands for the value in the help: `N`, `ADDR`, `off`. Without one, the help has the key alone. */
  readonly placeholder?: string;
  /** What the key does, for the help: some words, without an end. */
  readonly help: string;
  /** When the key may be given: only with the port, or only while it is open. Unless given: always. */
  readonly when?: 'opened' | 'open';
  /**
   * Value that holds where the key is left out. Without one, what is left out stays as it is: a reload
   * changes nothing there.
   */
  readonly fallback?: unknown;
  /** A key that is written alone where it is on. */
  readonly isFlag?: boolean;
  /**
   * Only for a key that may be repeated: what two items must not have in common. The value is the list of
   * the items, and the rule judges one of them.
   */
  readonly identityOf?: (item: never) => string;
  /** The text of a value, or of one item. Without it, the value is written as it is. */
  readonly toText?: (value: never) => string;
  /** Only another port has another value: a reload refuses to change it. */
  readonly isFixed?: boolean;
  /** The value cannot be taken back: a reload gives it last, when nothing else can fail. */
  readonly isFinal?: boolean;
  /** @throws Error with a sentence for a value that this machine does not have, such as a user. */
  readonly verify?: (value: never) => unknown;
}

export type PortKeys = Readonly<Record<string, PortKey>>;

/** What a kind of port is called, and how its ports are written. */
export interface PortKindWords {
  readonly name: string;
  /** What stands behind the kind, in the help: `NAME[@NETNS]`, `PATH`. */
  readonly placeholder: string;
  /** What such a port is, for the help. */
  readonly help: string;
  readonly nameRule: Rule<string>;
  /** Whether `@NETNS` may stand behind the name. */
  readonly hasNetns: boolean;
  /** In the order in which they are printed. */
  readonly keys: PortKeys;
  /**
   * Judges values that are right each but may not be together, and leaves out what says nothing.
   * @throws ValueError
   */
  readonly refine?: (spec: PortSpec) => PortSpec;
  /** The ports that one specification asks for, where they may be several. */
  readonly expand?: (spec: PortSpec) => readonly PortSpec[];
}

export class PortGrammar<K extends PortKindWords = PortKindWords> {
  /**
   * @param kinds of which one is called {@link DEFAULT_KIND}
   * @param common keys that every port has, whatever its kind
   */
  constructor(
    readonly kinds: readonly K[],
    readonly common: PortKeys = {},
  ) {}

  /** The kind of a port. @throws ValueError where there is no such kind */
  kindOf({ kind: name = DEFAULT_KIND }: Pick<PortSpec, 'kind'>): K {
    const kind = this.kinds.find((known) => known.name === name);
    if (kind !== undefined) return kind;
    const names = this.kinds.map((known) => known.name);
    throw new ValueError(`${describe(name)}: ${noSuch('kind of port', name, names)}`);
  }

  /** Keys that may be given with a port. */
  openKeys(kind: PortKindWords): Readonly<Record<string, PortKey>> {
    return pick(this.keys(kind), ({ when }) => when !== 'open');
  }

  /** Keys that may be set while the port is open. */
  liveKeys(kind: PortKindWords): Readonly<Record<string, PortKey>> {
    return pick(this.keys(kind), ({ when }) => when !== 'opened');
  }

  /**
   * Reads `[KIND:]NAME[@NETNS][,KEY[=VALUE]]...`.
   * @throws ValueError that names the key.
   */
  parse(text: string): PortSpec {
    const [head = '', ...settings] = text.split(',');
    const { kind: kindName, rest } = splitKind(head);
    const kind = this.kindOf({ ...(kindName !== undefined && { kind: kindName }) });
    const [name, netns] = kind.hasNetns ? splitAtFirst(rest, '@') : [rest, undefined];
    const given: Record<string, unknown> = { name: kind.nameRule.fromText(name) };
    if (netns !== undefined) given['netns'] = portNamespace.fromText(netns);
    const keys = this.openKeys(kind);
    for (const setting of settings) {
      const [key, value] = readSetting(setting, keys);
      put(given, key, value, keys);
    }
    return this.complete(kind, given);
  }

  /**
   * @param given values each of which has passed its rule, the name among them.
   * @throws ValueError for values that may not be together
   */
  complete(kind: PortKindWords, given: PortSettings): PortSpec {
    const { kind: _, ...rest } = given;
    void _;
    const named = kind.name === DEFAULT_KIND ? {} : { kind: kind.name };
    const spec = { ...named, ...rest } as unknown as PortSpec;
    return kind.refine?.(spec) ?? spec;
  }

  /** The ports that specifications ask for, in their order: one may ask for several. */
  expand(specs: readonly PortSpec[]): PortSpec[] {
    return specs.flatMap((spec) => this.kindOf(spec).expand?.(spec) ?? [spec]);
  }

  /**
   * A port that a program wrote as an object. @throws ValueError for what the text of a port could not
   * be either.
   */
  check(spec: PortSpec): PortSpec {
    const kind = this.kindOf(spec);
    const { kind: _, name, netns, ...values } = spec;
    void _;
    const keys = this.openKeys(kind);
    const given: Record<string, unknown> = { name: kind.nameRule.fromValue(name) };
    if (netns !== undefined) given['netns'] = this.namespaceOf(kind, netns);
    for (const [key, value] of Object.entries(values)) {
      if (value === undefined) continue;
      const { rule, identityOf } = keyOf(key, keys);
      const items: unknown[] = identityOf !== undefined && Array.isArray(value) ? value : [value];
      for (const item of items) {
        put(
          given,
          key,
          at(key, () => rule.fromValue(item)),
          keys,
        );
      }
    }
    return this.complete(kind, given);
  }

  /**
   * Reads `mtu=9000`, `up=off`, … for a port that is open.
   * @param label of the port, which tells its kind
   * @throws ValueError that names the key.
   */
  parseSettings(label: string, texts: readonly string[]): PortSettings {
    const { kind } = splitKind(label);
    const keys = this.liveKeys(this.kindOf({ ...(kind !== undefined && { kind }) }));
    const settings: Record<string, unknown> = {};
    for (const text of texts) {
      const [typed, value] = splitAtFirst(text, '=');
      const { rule } = keyOf(typed, keys);
      if (value === undefined) {
        throw new ValueError(`${typed}: needs a value, as in ${typed}=VALUE`);
      }
      put(
        settings,
        typed,
        at(typed, () => rule.fromText(value)),
        keys,
      );
    }
    return settings;
  }

  /** @throws ValueError for a key that a port of this kind cannot be set */
  refuseForeign(kind: PortKindWords, settings: PortSettings): void {
    const keys = this.liveKeys(kind);
    for (const key of Object.keys(settings)) keyOf(key, keys);
  }

  /** The text from which {@link parse} reads the same. */
  format(spec: PortSpec): string {
    const keys = this.openKeys(this.kindOf(spec));
    const settings = Object.entries(keys).flatMap(([key, { isFlag, identityOf, toText }]) => {
      const value = spec[key];
      if (value === undefined) return [];
      if (isFlag && value === true) return [key];
      const items = identityOf === undefined ? [value] : (value as unknown[]);
      const text = toText ?? formatPortValue;
      return items.map((item) => `${key}=${text(item as never)}`);
    });
    return [portLabel(spec), ...settings].join(',');
  }

  private keys(kind: PortKindWords): PortKeys {
    return { ...kind.keys, ...this.common };
  }

  private namespaceOf({ name, hasNetns }: PortKindWords, netns: string): string {
    if (hasNetns) return at('netns', () => portNamespace.fromValue(netns));
    throw new ValueError(`netns: a port of kind ${name} lies in no namespace; leave it out`);
  }
}

/** Notes the value of a key, or one more item of a key that may be repeated. */
function put(given: Record<string, unknown>, key: string, value: unknown, keys: PortKeys): void {
  const identityOf = keys[key]?.identityOf;
  if (identityOf === undefined) {
    if (key in given) throw new ValueError(`${key}: given twice`);
    given[key] = value;
    return;
  }
  const items = (given[key] ?? []) as unknown[];
  const identity = identityOf(value as never);
  if (items.some((item) => identityOf(item as never) === identity)) {
    throw new ValueError(`${key}: ${identity} is given twice; once is enough`);
  }
  given[key] = [...items, value];
}

/** The text of a key's value. */
export function formatPortValue(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function pick(keys: PortKeys, isWanted: (key: PortKey) => boolean): PortKeys {
  return Object.fromEntries(Object.entries(keys).filter(([, key]) => isWanted(key)));
}

function readSetting(setting: string, keys: PortKeys): [string, unknown] {
  const [typed, value] = splitAtFirst(setting, '=');
  const { rule } = keyOf(typed, keys);
  if (value !== undefined) return [typed, at(typed, () => rule.fromText(value))];
  if (rule !== onOff) throw new ValueError(`${typed}: needs a value, as in ${typed}=VALUE`);
  return [typed, true];
}

function keyOf(typed: string, keys: PortKeys): PortKey {
  const key = Object.hasOwn(keys, typed) ? keys[typed] : undefined;
  if (key !== undefined) return key;
  throw new ValueError(`${describe(typed)}: ${noSuch('key', typed, Object.keys(keys))}`);
}
