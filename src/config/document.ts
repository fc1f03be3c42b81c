/** A configuration in the form of a configuration file: the inverse of reading one. */

import { isDeepStrictEqual } from 'node:util';
import { type PortSpec, completePortSpec, formatPortSpec, parsePortSpec } from './values/port-spec';
import { ValueError } from './values/rule';
import { CONFIG_OPTIONS, type SwitchConfig } from './schema';

/** What a configuration file says, as its parser would hand it over. */
export type ConfigDocument = Readonly<Record<string, unknown>>;

/** @param ports instead of those in `config` */
export function configDocument(
  config: SwitchConfig,
  ports: readonly PortSpec[] = config.ports,
): ConfigDocument {
  const options = CONFIG_OPTIONS.flatMap(({ key, property, identityOf, toDocument }) => {
    const value: unknown = config[property];
    if (value === undefined) return [];
    const write = toDocument ?? ((item: unknown) => item);
    return [[key, identityOf ? (value as unknown[]).map(write) : write(value)]];
  });
  return { ...(Object.fromEntries(options) as ConfigDocument), ports: ports.map(portDocument) };
}

/** A port as text, or as a mapping where its text would read as another port. */
function portDocument(spec: PortSpec): unknown {
  const text = formatPortSpec(spec);
  if (isDeepStrictEqual(readPort(text), completePortSpec({ ...spec }))) return text;
  const { persist, ...rest } = spec;
  return { ...rest, ...(persist && { persist }) };
}

function readPort(text: string): PortSpec | undefined {
  try {
    return parsePortSpec(text);
  } catch (error) {
    if (error instanceof ValueError) return undefined;
    throw error;
  }
}
