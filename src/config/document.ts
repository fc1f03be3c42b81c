/** Turns a configuration into the values of a configuration file: the inverse of reading one. */

import { isDeepStrictEqual } from 'node:util';
import type { PortGrammar } from './port-grammar';
import type { PortSpec } from './values/port-spec';
import { ValueError } from './values/rule';
import { CONFIG_OPTIONS, type SwitchConfig } from './schema';

/** Values of a configuration file, as its parser gives them. */
export type ConfigDocument = Readonly<Record<string, unknown>>;

/**
 * @param grammar how ports are written
 * @param ports ports to write instead of those in `config`
 */
export function configDocument(
  config: SwitchConfig,
  grammar: PortGrammar,
  ports: readonly PortSpec[] = config.ports,
): ConfigDocument {
  const options = CONFIG_OPTIONS.flatMap(({ key, property, identityOf, toDocument }) => {
    const value: unknown = config[property];
    if (value === undefined) return [];
    const write = toDocument ?? ((item: unknown) => item);
    return [[key, identityOf ? (value as unknown[]).map(write) : write(value)]];
  });
  return {
    ...(Object.fromEntries(options) as ConfigDocument),
    ports: ports.map((port) => portDocument(port, grammar)),
  };
}

/** A port as text, or as a mapping where its text would read as another port. */
function portDocument(spec: PortSpec, grammar: PortGrammar): unknown {
  const text = grammar.format(spec);
  return isDeepStrictEqual(readPort(text, grammar), { ...spec }) ? text : { ...spec };
}

function readPort(text: string, grammar: PortGrammar): PortSpec | undefined {
  try {
    return grammar.parse(text);
  } catch (error) {
    if (error instanceof ValueError) return undefined;
    throw error;
  }
}
