/** A request in two forms: as the query of a URL, whose values are text, and as a mapping of a program. */

import type { z } from 'zod';
import { field, textField } from '../../config/rule-schema';
import type { Rule } from '../../config/values/rule';

/** Words for the complaints of `mapping`. */
export interface FormWords {
  readonly what: string;
  readonly keyIs: string;
}

export const QUERY: FormWords = { what: 'a query', keyIs: 'parameter' };
export const MAPPING: FormWords = { what: 'a mapping', keyIs: 'key' };

/** Makes the schema of one value from its rule. */
export type ToField = <T>(rule: Rule<T>) => z.ZodType<T>;

/** @param make makes the schema of a request with these fields and words */
export function inBothForms<S>(make: (field: ToField, words: FormWords) => S): {
  readonly query: S;
  readonly value: S;
} {
  return { query: make(textField, QUERY), value: make(field, MAPPING) };
}
