/**
 * Arguments of a command in the style of iproute2: `dev tap0 vlan 3 sticky`. A value follows a keyword; a
 * flag stands alone.
 */

import { noSuch } from '../config/values/suggest';
import { UsageError } from '../system/usage-error';

export interface Vocabulary<K extends string, F extends string> {
  readonly keywords: readonly K[];
  readonly flags?: readonly F[];
}

export type Spoken<K extends string, F extends string> = {
  readonly [word in K]?: string;
} & { readonly [word in F]?: true };

/** @throws UsageError for a word that is unknown, comes twice, or lacks its value. */
export function readWords<K extends string, F extends string = never>(
  words: readonly string[],
  { keywords, flags = [] }: Vocabulary<K, F>,
): Spoken<K, F> {
  const spoken: Record<string, string | true> = {};
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (word in spoken) throw new UsageError(`${word}: given twice`);
    if ((flags as readonly string[]).includes(word)) {
      spoken[word] = true;
    } else if ((keywords as readonly string[]).includes(word)) {
      const value = words[++at];
      if (value === undefined) throw new UsageError(`${word}: needs a value behind it`);
      spoken[word] = value;
    } else {
      throw new UsageError(`${word}: ${noSuch('word', word, [...keywords, ...flags])}`);
    }
  }
  return spoken as Spoken<K, F>;
}

/** Number for the API. A text that is no number is passed on, so that the API refuses it. */
export function numberOrText(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}
