/**
 * The rules of the configuration as zod schemas. The same rules as on the command line check the
 * values. zod adds the shape around the values, and the path of each fault.
 *
 * Files and API bodies are read with these schemas. This module is loaded only when there is one to read:
 * zod alone takes 45 ms and 11 MB.
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
import { type ListLimit, findExcess } from './list-limit';
import { findRepeated } from './schema';
import { noneSuch } from './values/suggest';

/** One fault, and its path: `['ports', 1, 'mtu']`. */
export interface Fault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** @returns the value that the schema reads, or all faults. */
export function readShape<T>(
  schema: z.ZodType<T>,
  value: unknown,
): { readonly data: T } | { readonly faults: Fault[] } {
  const { success, data, error } = schema.safeParse(value, { reportInput: true });
  return success ? { data } : { faults: error.issues.flatMap(faultsOf) };
}

/** Text of a path: `ports[1].mtu`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${printable(String(key))}`))
    .join('')
    .replace(/^\./, '');
}

function printable(key: string): string {
  return /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
}

/** JSON Schema (2020-12) of the values that may be written. */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    // The bounds of every safe integer tell the reader nothing.
    override: ({ jsonSchema }) => {
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  void $schema;
  return rest;
}

/**
 * Alternatives of a JSON Schema that are made when a document of it is: reading a value needs none. Most switches never
 * write one, and it takes longer than the rest of the API.
 */
export function madeWhenRead(make: () => object[]): { readonly anyOf: object[] } {
  return {
    get anyOf() {
      return make();
    },
  };
}

/** Schema of a value in a file or an API body. */
export function field<T>(rule: Rule<T>): z.ZodType<T> {
  return judged(rule.fromValue, rule.schema);
}

/**
 * Schema of a list.
 * @param what words for the list, for the complaint about another value
 * @param min how many items there are at least
 */
export function fieldList<T>(rule: Rule<T>, what: string, min = 0) {
  const error = (issue: z.core.$ZodRawIssue): string => expected(what, issue.input).message;
  return z.array(field(rule), { error }).min(min, { error });
}

/** Schema of a value that always comes as text: a part of a URL. */
export function textField<T>(rule: Rule<T>): z.ZodType<T> {
  const read = (value: unknown): T => {
    if (typeof value !== 'string') throw expected('one value', value);
    return rule.fromText(value);
  };
  return judged(read, rule.schema);
}

/**
 * Schema of a mapping with these keys and no others.
 * @param what words for the mapping, for the complaint about another value
 * @param keyIs word for a key, for the complaint about an unknown one
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

/**
 * Schema of one item or a list of items, none of them twice.
 * @param limit how many there may be; any number by default
 */
export function listOf<T>(
  item: z.ZodType<T>,
  identityOf: (item: T) => string | undefined,
  limit?: ListLimit<T>,
): z.ZodType<T[]> {
  return z
    .unknown()
    .meta(
      madeWhenRead(() => {
        const items = toJsonSchema(item);
        return [items, { type: 'array', items }];
      }),
    )
    .transform((value): unknown => (Array.isArray(value) ? value : [value]))
    .pipe(z.array(item))
    .superRefine((list, context) => {
      const faults = [findRepeated(list, identityOf), limit && findExcess(list, limit)];
      for (const fault of faults) {
        if (fault === undefined) continue;
        context.addIssue({ code: 'custom', path: [fault.index], message: fault.complaint });
      }
    });
}

/** Schema of a port: a mapping, or the same text as on the command line. */
export function portSchema(grammar: PortGrammar): z.ZodType<PortSpec> {
  const mappingOf = madeOnce((kind: PortKindWords) => portMapping(grammar, kind));
  return z
    .unknown()
    .meta(
      madeWhenRead(() => [
        { type: 'string', description: '[KIND:]NAME[@NETNS][,KEY[=VALUE]]...' },
        ...grammar.kinds.map((kind) => toJsonSchema(mappingOf(kind))),
      ]),
    )
    .transform((value, context): PortSpec => {
      if (typeof value === 'string') return judge((text) => grammar.parse(text), value, context);
      const kind = judge((port) => grammar.kindOf(kindIn(port)), value, context);
      if (context.issues.length > 0) return z.NEVER;
      const { success, data, error } = mappingOf(kind).safeParse(value, { reportInput: true });
      if (success) return judge((given) => grammar.complete(kind, given), data, context);
      context.issues.push(...(error.issues as z.core.$ZodRawIssue[]));
      return z.NEVER;
    });
}

export function portListSchema(grammar: PortGrammar): z.ZodType<PortSpec[]> {
  const specs = listOf(portSchema(grammar), portIdentity);
  return specs.transform((list) => grammar.expand(list));
}

/** Schema of the keys that can be set on an open port of a kind. */
export function portSettingsSchema(
  grammar: PortGrammar,
  kind: PortKindWords,
): z.ZodType<PortSettings> {
  return mapping(optionalFields(grammar.liveKeys(kind)), { what: 'a mapping', keyIs: 'key' });
}

/** The function, which makes the result for each argument once. */
export function madeOnce<A, R>(make: (argument: A) => R): (argument: A) => R {
  const made = new Map<A, R>();
  return (argument) => {
    const result = made.get(argument) ?? make(argument);
    made.set(argument, result);
    return result;
  };
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

/** Kind that a mapping names. A value that is not a mapping counts as one of the default kind. */
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

/** Applies a rule, and turns its complaint into a zod issue. */
function judge<V, T>(read: (value: V) => T, value: V, context: z.RefinementCtx): T {
  try {
    return read(value);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    context.issues.push({ code: 'custom', message: error.message, input: value });
    return z.NEVER;
  }
}

/** Faults of one issue. The message about unknown keys has a line for each of them: see `mapping`. */
function faultsOf(issue: z.core.$ZodIssue): Fault[] {
  const { path, message } = issue;
  if (issue.code !== 'unrecognized_keys') return [{ path, message }];
  const lines = message.split('\n');
  return issue.keys.map((key, index) => ({ path: [...path, key], message: lines[index] ?? '' }));
}
