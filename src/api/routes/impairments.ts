/** Impairments: faults that frames of some ports meet. */

import { z } from 'zod';
import { field, mapping, textField } from '../../config/rule-schema';
import {
  type ImpairmentSpec,
  formatEffects,
  formatTime,
  impairmentCount,
  impairmentDirection,
  impairmentSeed,
  impairmentTime,
  readImpairment,
} from '../../config/values/impairment';
import { ValueError, textRule } from '../../config/values/rule';
import type { ListedImpairment, TapSwitch } from '../../control/tap-switch';
import { RequestError } from '../../system/request-error';
import type { Api } from '../api';
import { NO_BODY } from '../openapi';
import { type ImpairmentBody, impairmentShape } from '../shapes';
import { portName } from './ports';

const NO_CONTENT = 204;
const CREATED = 201;

const words = textRule('words of tc-netem, such as delay 10ms 2ms loss 1%', (text) => text);
const match = textRule('a filter in the words of tcpdump', (text) => text);
/** Times stay texts: the words of the impairment are read as a whole. */
const time = { ...impairmentTime, ...textRule('a time, such as 5s', (text) => text) };

const newImpairment = mapping(
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
  { what: 'a mapping', keyIs: 'key' },
).meta({ id: 'NewImpairment' });

const choice = mapping(
  {
    port: textField(portName),
    direction: textField(impairmentDirection).optional(),
    match: textField(match).optional(),
    nth: textField(impairmentCount).optional(),
    every: textField(impairmentCount).optional(),
  },
  { what: 'a query', keyIs: 'parameter' },
);

export function impairmentRoutes(api: Api, tapSwitch: TapSwitch): void {
  const list = async (): Promise<ImpairmentBody[]> => (await tapSwitch.impairments()).map(bodyOf);
  api.get(
    '/v1/impairments',
    {
      schema: {
        operationId: 'listImpairments',
        summary: 'Impairments',
        response: { 200: z.array(impairmentShape) },
      },
    },
    list,
  );
  api.post(
    '/v1/impairments',
    {
      schema: {
        operationId: 'addImpairment',
        summary: 'Add an impairment, or replace the one of the same port, direction and frames',
        body: newImpairment,
        response: { [CREATED]: z.array(impairmentShape) },
      },
    },
    async ({ body }, reply) => {
      const { port, direction, ...rest } = body;
      const spec = checked(port, direction, rest);
      await tapSwitch.change(() => tapSwitch.addImpairment(spec));
      reply.code(CREATED);
      return list();
    },
  );
  api.delete(
    '/v1/impairments',
    {
      schema: {
        operationId: 'removeImpairments',
        summary: 'Remove the impairments of a port that fit',
        querystring: choice,
        response: { [NO_CONTENT]: NO_BODY },
      },
    },
    async ({ query }, reply) => {
      const { port, ...others } = query;
      const given = Object.entries(others).filter(([, value]) => value !== undefined);
      await tapSwitch.change(() =>
        tapSwitch.removeImpairments({ port, ...Object.fromEntries(given) }),
      );
      return reply.code(NO_CONTENT).send();
    },
  );
}

/** @throws RequestError for words that are no impairment, or contradict each other */
function checked(
  port: string,
  direction: ImpairmentSpec['direction'],
  { words: effects, ...others }: Readonly<Record<string, string | number | undefined>>,
): ImpairmentSpec {
  const given = Object.entries(others).filter(([, value]) => value !== undefined);
  const text = [effects, ...given.map(([word, value]) => `${word} ${value}`)].join(' ');
  try {
    // The label of a port may have spaces, so that it is no part of the text.
    return { ...readImpairment(`port ${direction} ${text}`), port };
  } catch (error) {
    if (error instanceof ValueError) throw new RequestError('conflict', error.message);
    throw error;
  }
}

function bodyOf({ counts: { name, ...counts }, spec }: ListedImpairment): ImpairmentBody {
  void name;
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
    ...counts,
  };
}
