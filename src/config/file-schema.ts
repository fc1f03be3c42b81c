/**
 * The shape of a configuration file: the keys of the option table and `ports`, nothing else.
 *
 * Each value is judged by the same rule as on the command line. What the schema adds is the shape
 * around the values, and the path of everything that is wrong. Loaded only when a file is given:
 * zod alone takes 45 ms and 11 MB.
 */

import { z } from 'zod';
import {
  PORT_RULES,
  type PortSpec,
  completePortSpec,
  parsePortSpec,
  portIdentity,
} from './port-spec';
import { ValueError, expected } from './rule';
import { CONFIG_OPTIONS, type GivenConfig, findRepeated } from './schema';
import { noSuch } from './suggest';

/** One thing that is wrong, and where: `['ports', 1, 'mtu']`. */
export interface FileFault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

export type FileVerdict = { readonly given: GivenConfig } | { readonly faults: FileFault[] };

const FILE_KEYS = [...CONFIG_OPTIONS.map(({ key }) => key), 'ports'];
const PORT_KEYS = Object.keys(PORT_RULES);
const PROPERTY_OF_KEY = new Map(CONFIG_OPTIONS.map(({ key, property }) => [key, property]));

const portMapping = z
  .strictObject(
    Object.fromEntries(
      Object.entries(PORT_RULES).map(([key, { fromValue }]) => {
        const value = field<unknown>(fromValue);
        return [key, key === 'name' ? value : value.optional()];
      }),
    ),
  )
  .transform(completePortSpec);

/** A port as a mapping, or as the text that it is on the command line. */
const port = z.unknown().transform((value, context): PortSpec => {
  if (typeof value === 'string') return judge(parsePortSpec, value, context);
  const { success, data, error } = portMapping.safeParse(value, { reportInput: true });
  if (success) return data;
  context.issues.push(...(error.issues as z.core.$ZodRawIssue[]));
  return z.NEVER;
});

const fileSchema = z
  .strictObject({
    ...Object.fromEntries(
      CONFIG_OPTIONS.map(({ key, rule, identityOf }) => {
        const value = field(rule.fromValue);
        return [key, (identityOf ? listOf(value, identityOf) : value).optional()];
      }),
    ),
    ports: listOf(port, portIdentity).optional(),
  })
  .transform((file): GivenConfig =>
    Object.fromEntries(
      Object.entries(file).map(([key, value]) => [PROPERTY_OF_KEY.get(key) ?? key, value]),
    ),
  );

/** @param document the parsed file; an empty one says nothing, and that is right. */
export function readFileValues(document: unknown): FileVerdict {
  const { success, data, error } = fileSchema.safeParse(document ?? {}, { reportInput: true });
  return success ? { given: data } : { faults: error.issues.flatMap(faultsOf) };
}

/** One value, judged by its rule. */
function field<T>(fromValue: (value: unknown) => T) {
  return z.unknown().transform((value, context) => judge(fromValue, value, context));
}

/** One item or a list of them, none twice. */
function listOf<T>(item: z.ZodType<T>, identityOf: (item: T) => string | undefined) {
  const asList = (value: unknown): unknown => (Array.isArray(value) ? value : [value]);
  return z.preprocess(asList, z.array(item)).superRefine((items, context) => {
    const repeated = findRepeated(items, identityOf);
    if (repeated === undefined) return;
    const { index, complaint } = repeated;
    context.addIssue({
      code: 'custom',
      path: [index],
      message: complaint,
    });
  });
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

/** All issues but those of the rules are about mappings: something else stands there, or a wrong key. */
function faultsOf(issue: z.core.$ZodIssue): FileFault[] {
  const { path, message } = issue;
  const isPort = path.length > 0;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: noSuch(isPort ? 'key' : 'option', key, isPort ? PORT_KEYS : FILE_KEYS),
      }));
    case 'invalid_type':
      return [
        {
          path,
          message: expected(
            isPort ? 'a port as text or as a mapping' : 'a mapping of options',
            issue.input,
          ).message,
        },
      ];
    default:
      return [{ path, message }];
  }
}
