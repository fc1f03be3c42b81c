/** The folders of the addon stand in an order, as those of `src` do: record 21. */

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ADDON = join(__dirname, '../../addon');
/** A folder includes headers of its own and of those before it. */
const ORDER = ['system', 'io', 'device', 'node'];
/** The only folder that uses Node-API. */
const NODE = 'node';
const INCLUDE = /^#include (?:"(?<own>[^"]+)"|<(?<other>[^>]+)>)$/gm;

interface Source {
  readonly path: string;
  readonly folder: string;
  /** Includes of this project, such as `io/burst_io.h`. */
  readonly own: string[];
  readonly other: string[];
}

const sources: Source[] = ORDER.flatMap((folder) =>
  readdirSync(join(ADDON, folder)).map((name) => {
    const path = `${folder}/${name}`;
    const found = [...readFileSync(join(ADDON, path), 'utf8').matchAll(INCLUDE)];
    const pick = (kind: string): string[] => found.flatMap(({ groups }) => groups?.[kind] ?? []);
    return { path, folder, own: pick('own'), other: pick('other') };
  }),
);

describe('the folders of the addon', () => {
  it('hold every file of it', () => {
    expect(readdirSync(ADDON).sort()).toEqual([...ORDER].sort());
  });

  it.each(sources)('$path includes folders that stand before its own', ({ folder, own }) => {
    const allowed = ORDER.slice(0, ORDER.indexOf(folder) + 1);
    expect(own.filter((header) => !allowed.includes(header.split('/')[0] as string))).toEqual([]);
  });

  it(`leave Node-API to ${NODE}`, () => {
    const speakers = sources.filter(({ other }) => other.includes('napi.h'));
    expect(new Set(speakers.map(({ folder }) => folder))).toEqual(new Set([NODE]));
  });
});
