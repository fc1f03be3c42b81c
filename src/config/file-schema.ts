/** The shape of a configuration file: the keys of the option table and `ports`, nothing else. */

import { type JsonSchema } from './values/rule';
import {
  type Fault,
  field,
  listOf,
  mapping,
  portListSchema,
  readShape,
  toJsonSchema,
} from './rule-schema';
import type { PortGrammar } from './port-grammar';
import { CONFIG_OPTIONS, type GivenConfig } from './schema';

export type FileVerdict = { readonly given: GivenConfig } | { readonly faults: Fault[] };

const PROPERTY_OF_KEY = new Map(CONFIG_OPTIONS.map(({ key, property }) => [key, property]));

/** Schemas that were made, by grammar. One takes longer to make than a file takes to read. */
const schemas = new WeakMap<PortGrammar, ReturnType<typeof makeSchema>>();

function fileSchema(grammar: PortGrammar): ReturnType<typeof makeSchema> {
  const schema = schemas.get(grammar) ?? makeSchema(grammar);
  schemas.set(grammar, schema);
  return schema;
}

/** @param grammar how ports are written */
function makeSchema(grammar: PortGrammar) {
  return mapping(
    {
      ...Object.fromEntries(
        CONFIG_OPTIONS.map(({ key, rule, identityOf, limit }) => {
          const value = field(rule);
          return [key, (identityOf ? listOf(value, identityOf, limit) : value).optional()];
        }),
      ),
      ports: portListSchema(grammar).optional(),
    },
    { what: 'a mapping of options', keyIs: 'option' },
  ).transform((file): GivenConfig =>
    Object.fromEntries(
      Object.entries(file).map(([key, value]) => [PROPERTY_OF_KEY.get(key) ?? key, value]),
    ),
  );
}

/** @param document the parsed file. An empty file is valid: it sets nothing. */
export function readFileValues(document: unknown, grammar: PortGrammar): FileVerdict {
  const read = readShape(fileSchema(grammar), document ?? {});
  return 'data' in read ? { given: read.data } : read;
}

/** JSON Schema of a configuration file, for editors. */
export function configFileSchema(grammar: PortGrammar): JsonSchema {
  return toJsonSchema(fileSchema(grammar));
}
