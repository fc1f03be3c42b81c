/** Impairments: what may be asked of them. */

import type { z } from 'zod';
import { field, mapping } from '../../config/rule-schema';
import {
  type ImpairmentSpec,
  formatEffects,
  formatTime,
  impairmentCount,
  impairmentDirection,
  impairmentSeed,
  readImpairment,
} from '../../config/values/impairment';
import { ValueError, textRule } from '../../config/values/rule';
import { RequestError } from '../../system/request-error';
import type { ImpairmentBody } from '../shapes';
import type { TapSwitch } from '../tap-switch';
import { MAPPING, inBothForms } from './forms';
import { portName } from './ports';

// The words of an impairment are read as a whole, so that these stay texts.
const words = textRule('words of tc-netem, such as delay 10ms 2ms loss 1%', (text) => text);
const match = textRule('a filter in the words of tcpdump', (text) => text);
const time = textRule('a time, such as 5s', (text) => text);

export const newImpairment = mapping(
  {
    port: field(portName),
    direction: field(impairmentDirection),
    words: field(words),
    match: field(match).optional(),
    nth: field(impairmentCount).optional(),
    every: field(impairmentCount).optional(),
    at: field(time).optional(),
    for: field(time).optional(),
    seed: field(impairmentSeed).optional(),
  },
  MAPPING,
).meta({ id: 'NewImpairment' });
export type NewImpairment = z.output<typeof newImpairment>;

export const impairmentRemoval = inBothForms((to, formWords) =>
  mapping(
    {
      port: to(portName),
      direction: to(impairmentDirection).optional(),
      match: to(match).optional(),
      nth: to(impairmentCount).optional(),
      every: to(impairmentCount).optional(),
    },
    formWords,
  ),
);
export type ImpairmentRemoval = z.output<typeof impairmentRemoval.value>;

/** Adds an impairment, or replaces the one of the same port, direction and frames. @throws RequestError */
export function addImpairment(tapSwitch: TapSwitch, impairment: NewImpairment): Promise<void> {
  const spec = checked(impairment);
  return tapSwitch.change(() => tapSwitch.addImpairment(spec));
}

/** Removes the impairments of a port that fit. @throws RequestError if there is none */
export function removeImpairments(tapSwitch: TapSwitch, removal: ImpairmentRemoval): Promise<void> {
  const { direction, every, match: filter, nth, port } = removal;
  const choice = {
    port,
    ...(direction !== undefined && { direction }),
    ...(filter !== undefined && { match: filter }),
    ...(nth !== undefined && { nth }),
    ...(every !== undefined && { every }),
  };
  return tapSwitch.change(() => tapSwitch.removeImpairments(choice));
}

/** Impairments, and what they have done. */
export async function listImpairments(tapSwitch: TapSwitch): Promise<ImpairmentBody[]> {
  const listed = await tapSwitch.impairments();
  return listed.map(({ counts: { name, ...counts }, spec }) => {
    void name;
    return { ...wordsOf(spec), ...counts };
  });
}

/** @throws RequestError for words that are no impairment, or contradict each other */
function checked({ port, direction, words: effects, ...others }: NewImpairment): ImpairmentSpec {
  const given = Object.entries(others)
    .filter(([, value]) => value !== undefined)
    .map(([word, value]) => `${word} ${value}`);
  try {
    // The label of a port may have spaces, so that it is no part of the text.
    return { ...readImpairment(['port', direction, effects, ...given].join(' ')), port };
  } catch (error) {
    if (error instanceof ValueError) throw new RequestError('conflict', error.message);
    throw error;
  }
}

function wordsOf(
  spec: ImpairmentSpec,
): Pick<ImpairmentBody, 'port' | 'direction' | 'words' | 'match' | 'nth' | 'every' | 'at' | 'for'> {
  const { atMs, direction, every, forMs, match: filter, nth, port } = spec;
  return {
    port,
    direction,
    words: formatEffects(spec),
    ...(filter !== undefined && { match: filter }),
    ...(nth !== undefined && { nth }),
    ...(every !== undefined && { every }),
    ...(atMs !== undefined && { at: formatTime(atMs) }),
    ...(forMs !== undefined && { for: formatTime(forMs) }),
  };
}
