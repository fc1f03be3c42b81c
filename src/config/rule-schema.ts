/**
 * The rules of the configuration as zod schemas. A value is judged by the same rule as on the
 * command line; zod adds the shape around the values, and the path of everything that is wrong.
 *
 * Files and API bodies are made of these. Loaded only when there is one: zod alone takes 45 ms and
 * 11 MB.
 */

import { z } from 'zod';
import type { PortGrammar, PortKeys, PortKindWords } from './port-grammar';
import {
  DEFAULT_KIND,
  type PortSettings,
  type PortSpec,
  portIdentity,
  portNamespace,
} from './values/port-spec';
import { type JsonSchema, type Rule, ValueError, expected, oneOf } from './values/rule';
import { findRepeated } from './schema';
import { noneSuch } from './values/suggest';

/** One thing that is wrong, and where: `['ports', 1, 'mtu']`. */
export interface Fault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** @returns what the schema makes of the value, or everything that is wrong with it. */
export function readShape<T>(
  schema: z.ZodType<T>,
  value: unknown,
): { readonly data: T } | { readonly faults: Fault[] } {
  const { success, data, error } = schema.safeParse(value, { reportInput: true });
  return success ? { data } : { faults: error.issues.flatMap(faultsOf) };
}

/** `ports[1].mtu` */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${printable(String(key))}`))
    .join('')
    .replace(/^\./, '');
}

function printable(key: string): string {
  return /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
}

/** The schema in the words of JSON Schema 2020-12: what may be written. */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    // What every integer of JavaScript's is, says nothing.
    override: ({ jsonSchema }) => {
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  void $schema;
  return rest;
}

/** A value in a file or a body. */
export function field<T>(rule: Rule<T>): z.ZodType<T> {
  return judged(rule.fromValue, rule.schema);
}

/** A value that always comes as text: a part of a URL. */
export function textField<T>(rule: Rule<T>): z.ZodType<T> {
  const read = (value: unknown): T => {
    if (typeof value !== 'string') throw expected('one value', value);
    return rule.fromText(value);
  };
  return judged(read, rule.schema);
}

/**
 * Keys with values of their own, and no others.
 * @param what is expected where something else stands
 * @param keyIs what its keys are called
 */
export function mapping<S extends z.ZodRawShape>(
  shape: S,
  { what, keyIs }: { readonly what: string; readonly keyIs: string },
) {
  const keys = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? noneSuch(keyIs, issue.keys, keys).join('\n')
        : expected(what, issue.input).message,
  });
}

/** One item or a list of them, none twice. */
export function listOf<T>(
  item: z.ZodType<T>,
  identityOf: (item: T) => string | undefined,
): z.ZodType<T[]> {
  const items = toJsonSchema(item);
  return z
    .unknown()
    .meta({ anyOf: [items, { type: 'array', items }] })
    .transform((value): unknown => (Array.isArray(value) ? value : [value]))
    .pipe(z.array(item))
    .superRefine((list, context) => {
      const repeated = findRepeated(list, identityOf);
      if (repeated === undefined) return;
      const { index, complaint } = repeated;
      context.addIssue({ code: 'custom', path: [index], message: complaint });
    });
}

/** A port as a mapping, or as the text that it is on the command line. */
export function portSchema(grammar: PortGrammar): z.ZodType<PortSpec> {
  const mappings = new Map(grammar.kinds.map((kind) => [kind.name, portMapping(grammar, kind)]));
  return z
    .unknown()
    .meta({
      anyOf: [
        { type: 'string', description: '[KIND:]NAME[@NETNS][,KEY[=VALUE]]...' },
        ...[...mappings.values()].map(toJsonSchema),
      ],
    })
    .transform((value, context): PortSpec => {
      if (typeof value === 'string') return judge((text) => grammar.parse(text), value, context);
      const kind = judge((port) => grammar.kindOf(kindIn(port)), value, context);
      if (context.issues.length > 0) return z.NEVER;
      const schema = mappings.get(kind.name) as z.ZodType<PortSettings>;
      const { success, data, error } = schema.safeParse(value, { reportInput: true });
      if (success) return judge((given) => grammar.complete(kind, given), data, context);
      context.issues.push(...(error.issues as z.core.$ZodRawIssue[]));
      return z.NEVER;
    });
}

export function portListSchema(grammar: PortGrammar): z.ZodType<PortSpec[]> {
  const specs = listOf(portSchema(grammar), portIdentity);
  return specs.transform((list) => grammar.expand(list));
}

/** What an open port of a kind can be set. */
export function portSettingsSchema(
  grammar: PortGrammar,
  kind: PortKindWords,
): z.ZodType<PortSettings> {
  return mapping(optionalFields(grammar.liveKeys(kind)), { what: 'a mapping', keyIs: 'key' });
}

function portMapping(grammar: PortGrammar, kind: PortKindWords): z.ZodType<PortSettings> {
  const kindName = field(oneOf(kind.name));
  return mapping(
    {
      kind: kind.name === DEFAULT_KIND ? kindName.optional() : kindName,
      name: field(kind.nameRule),
      ...(kind.hasNetns && { netns: field(portNamespace).optional() }),
      ...optionalFields(grammar.openKeys(kind)),
    },
    { what: 'a port as text or as a mapping', keyIs: 'key' },
  );
}

function optionalFields(keys: PortKeys) {
  return Object.fromEntries(
    Object.entries(keys).map(([key, { rule, identityOf }]) => {
      const value = field(rule);
      const values = identityOf && listOf(value, (item) => identityOf(item as never));
      return [key, (values ?? value).optional()];
    }),
  );
}

/** The kind that a mapping names. What is no mapping is judged as one of the default kind. */
function kindIn(value: unknown): { readonly kind?: string } {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return {};
  if (typeof value.kind !== 'string') throw expected('a kind of port', value.kind);
  return { kind: value.kind };
}

function judged<T>(read: (value: unknown) => T, schema: JsonSchema): z.ZodType<T> {
  return z
    .unknown()
    .meta(schema)
    .transform((value, context) => judge(read, value, context));
}

/** Turns the complaint of a rule into an issue of zod's. */
function judge<V, T>(read: (value: V) => T, value: V, context: z.RefinementCtx): T {
  try {
    return read(value);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    context.issues.push({ code: 'custom', message: error.message, input: value });
    return z.NEVER;
  }
}

/** The message about wrong keys has a line for each: see `mapping`. */
function faultsOf(issue: z.core.$ZodIssue): Fault[] {
  const { path, message } = issue;
  if (issue.code !== 'unrecognized_keys') return [{ path, message }];
  const lines = message.split('\n');
  return issue.keys.map((key, index) => ({ path: [...path, key], message: lines[index] ?? '' }));
}
