/**
 * How ports are written: `[KIND:]NAME[@NETNS][,KEY[=VALUE]]...`, or the same as a mapping. The grammar is
 * made from the kinds of port and the keys of each kind. The command line, its help, the configuration
 * file and its schema, the API and `tapctl port set` use it. All of them accept a key as soon as its kind
 * declares it.
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
  /** Placeholder of the value in the help: `N`, `ADDR`, `off`. Without it, the help shows the key alone. */
  readonly placeholder?: string;
  /** Help text: what the key does, in a few words without a full stop. */
  readonly help: string;
  /** Time when the key may be given: only with the port, or only while it is open. Absent: always. */
  readonly when?: 'opened' | 'open';
  /**
   * Value of a key that is not given. Without a fallback, a reload leaves the value of such a key as it
   * is.
   */
  readonly fallback?: unknown;
  /** Whether the key is written without a value where it is on. */
  readonly isFlag?: boolean;
  /**
   * Text that no two items may share; only for a key that may be repeated. The value of such a key is the
   * list of its items, and the rule applies to one item.
   */
  readonly identityOf?: (item: never) => string;
  /** Text of a value, or of one item. Without it, the value is written as it is. */
  readonly toText?: (value: never) => string;
  /** Whether only a new port can have another value. A reload refuses to change it. */
  readonly isFixed?: boolean;
  /** Whether the value cannot be taken back. A reload sets it last, when nothing else can fail. */
  readonly isFinal?: boolean;
  /** @throws Error with a sentence if the value does not exist on this machine, such as an unknown user. */
  readonly verify?: (value: never) => unknown;
}

export type PortKeys = Readonly<Record<string, PortKey>>;

/** Name of a kind of port, and how its ports are written. */
export interface PortKindWords {
  readonly name: string;
  /** Text behind the kind in the help: `NAME[@NETNS]`, `PATH`. */
  readonly placeholder: string;
  /** Help text: what such a port is. */
  readonly help: string;
  readonly nameRule: Rule<string>;
  /** Whether `@NETNS` may follow the name. */
  readonly hasNetns: boolean;
  /** Keys of the kind, in the order in which they are printed. */
  readonly keys: PortKeys;
  /**
   * Checks rules about several keys, and leaves out keys that have no effect.
   * @throws ValueError
   */
  readonly refine?: (spec: PortSpec) => PortSpec;
  /** Ports of one specification, for a kind where it may mean several. */
  readonly expand?: (spec: PortSpec) => readonly PortSpec[];
}

export class PortGrammar<K extends PortKindWords = PortKindWords> {
  /**
   * @param kinds kinds of port; one of them is called {@link DEFAULT_KIND}
   * @param common keys that ports of every kind have
   * @param refuse throws a ValueError for values of these keys that contradict each other
   */
  constructor(
    readonly kinds: readonly K[],
    readonly common: PortKeys = {},
    private readonly refuse: (valueOf: (key: string) => unknown) => void = () => undefined,
  ) {}

  /** Kind of a port. @throws ValueError where there is no such kind */
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
    const given: Record<string, unknown> = { name: this.nameOf(kind, name) };
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
    this.refuse((key) => spec[key]);
    return kind.refine?.(spec) ?? spec;
  }

  /** Ports of the specifications, in their order. One specification may mean several ports. */
  expand(specs: readonly PortSpec[]): PortSpec[] {
    return specs.flatMap((spec) => this.kindOf(spec).expand?.(spec) ?? [spec]);
  }

  /**
   * Checks a port that a program wrote as an object.
   * @throws ValueError for every fault that `parse` would report
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
   * @param label label of the port, which tells its kind
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

  /** @throws ValueError for a key that cannot be set on an open port of this kind */
  refuseForeign(kind: PortKindWords, settings: PortSettings): void {
    const keys = this.liveKeys(kind);
    for (const key of Object.keys(settings)) keyOf(key, keys);
  }

  /** Text from which {@link parse} reads the same port. */
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

  private nameOf(kind: PortKindWords, text: string): string {
    const { nameRule, hasNetns } = kind;
    try {
      return nameRule.fromText(text);
    } catch (error) {
      const [name, netns] = splitAtFirst(text, '@');
      if (!hasNetns && netns !== undefined && isRight(() => nameRule.fromText(name))) {
        this.namespaceOf(kind, netns);
      }
      throw error;
    }
  }

  private namespaceOf({ name, hasNetns }: PortKindWords, netns: string): string {
    if (hasNetns) return at('netns', () => portNamespace.fromValue(netns));
    throw new ValueError(`netns: a port of kind ${name} lies in no namespace; leave it out`);
  }
}

function isRight(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

/** Stores the value of a key, or one more item of a key that may be repeated. */
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

/** Text of a key's value. */
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
