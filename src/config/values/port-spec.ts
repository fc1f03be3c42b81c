/**
 * A port as the operator asks for it: `[KIND:]NAME[@NETNS][,KEY[=VALUE]]...`. The kind of port decides
 * what NAME may be and which keys exist: see `config/port-grammar.ts`.
 *
 * `:`, `@` and `,` are separators. An interface name has no `:`, so the kind is never ambiguous. The name
 * of a TAP cannot have `@` or `,` here, and NETNS cannot have `,`, although the kernel allows both.
 */

import { interfaceNameOrPattern, isPattern, namespaceName } from './interface-name';
import { expected, mapRule } from './rule';

/** Kind of a port without a given kind. */
export const DEFAULT_KIND = 'tap';

/** Values by key. Each has passed the rule that its kind of port has for the key. */
export type PortSettings = Readonly<Record<string, unknown>>;

export interface PortSpec {
  /** Kind of the port; absent for a TAP. */
  readonly kind?: string;
  /** Name of the port; the kind decides its meaning: an interface, the path of a socket, … */
  readonly name: string;
  /** Network namespace of the interface: a name in /run/netns or an absolute path. */
  readonly netns?: string;
  /** Values of the kind's keys, under the names of the keys. */
  readonly [key: string]: unknown;
}

type Named = Pick<PortSpec, 'kind' | 'name' | 'netns'>;

/** The name of a TAP, or a pattern with `%d` for the kernel to complete. */
export const tapName = mapRule(interfaceNameOrPattern, (name) => {
  if (/[@,]/.test(name)) throw expected('a port name without "@" and ","', name);
  return name;
});

/** The namespace of a port's interface. */
export const portNamespace = mapRule(namespaceName, (netns) => {
  if (netns.includes(',')) throw expected('a network namespace without ","', netns);
  return netns;
});

/** Label of a port in logs, tables and the API: `[KIND:]NAME[@NETNS]`, without the kind for a TAP. */
export function portLabel({ kind = DEFAULT_KIND, name, netns }: Named): string {
  const place = netns === undefined ? '' : `@${netns}`;
  return `${kind === DEFAULT_KIND ? '' : `${kind}:`}${name}${place}`;
}

/**
 * Identity of a port: two ports with one identity are the same port given twice. A pattern has none: the
 * kernel chooses a new name each time.
 */
export function portIdentity(spec: Named): string | undefined {
  return isPattern(spec.name) ? undefined : portLabel(spec);
}

/** Kind in front of a port, if one is given, and the rest of the text. */
export function splitKind(text: string): { readonly kind: string | undefined; rest: string } {
  const [, kind, rest] = /^([^:@/,]*):(.*)$/su.exec(text) ?? [];
  return rest === undefined ? { kind: undefined, rest: text } : { kind, rest };
}

/** Text in front of the separator, and the text behind it; `undefined` if there is no separator. */
export function splitAtFirst(text: string, separator: string): [string, string | undefined] {
  const index = text.indexOf(separator);
  return index === -1 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)];
}
