/**
 * A port as it is asked for: `[KIND:]NAME[@NETNS][,KEY[=VALUE]]...`. What NAME may be and which keys
 * there are is for the kind of port to say: see `config/port-grammar.ts`.
 *
 * `:`, `@` and `,` separate. An interface name holds no `:`, so that the kind is never in doubt. `@` and
 * `,` cannot be part of the name of a TAP here, nor `,` of NETNS, although the kernel would allow it.
 */

import { interfaceNameOrPattern, isPattern, namespaceName } from './interface-name';
import { expected, mapRule } from './rule';

/** The kind of a port for which none is given. */
export const DEFAULT_KIND = 'tap';

/** Values by key, each of which has passed the rule that its kind of port has for the key. */
export type PortSettings = Readonly<Record<string, unknown>>;

export interface PortSpec {
  /** Kind of the port; absent for a TAP. */
  readonly kind?: string;
  /** What the kind makes of it: the name of an interface, the path of a socket, … */
  readonly name: string;
  /** Network namespace of the interface: a name in /run/netns or an absolute path. */
  readonly netns?: string;
  /** The keys of the kind, under their names. */
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

/** What a port is called in logs, tables and the API: `[KIND:]NAME[@NETNS]`, a TAP without its kind. */
export function portLabel({ kind = DEFAULT_KIND, name, netns }: Named): string {
  const place = netns === undefined ? '' : `@${netns}`;
  return `${kind === DEFAULT_KIND ? '' : `${kind}:`}${name}${place}`;
}

/** Two ports of one identity are one port given twice. The kernel makes each pattern a new name. */
export function portIdentity(spec: Named): string | undefined {
  return isPattern(spec.name) ? undefined : portLabel(spec);
}

/** The kind in front of a port, if one is given, and what is behind it. */
export function splitKind(text: string): { readonly kind: string | undefined; rest: string } {
  const [, kind, rest] = /^([^:@/,]*):(.*)$/su.exec(text) ?? [];
  return rest === undefined ? { kind: undefined, rest: text } : { kind, rest };
}

/** What is in front of the separator, and what is behind it if it is there. */
export function splitAtFirst(text: string, separator: string): [string, string | undefined] {
  const index = text.indexOf(separator);
  return index === -1 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)];
}
