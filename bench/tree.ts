/**
 * A built clone of tapswitch: this one, or one of another commit.
 */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export interface Tree {
  readonly root: string;
  /** Path of the program that starts the switch. */
  readonly program: string;
  /** Path of the module that `require('tapswitch')` loads. */
  readonly library: string;
}

/** Reads the paths from the clone's package.json, because its folders change from commit to commit. */
export function treeAt(root: string): Tree {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    main: string;
    bin: { tapswitch: string };
  };
  return {
    root: resolve(root),
    program: resolve(root, manifest.bin.tapswitch),
    library: resolve(root, manifest.main),
  };
}

/** The clone that this file belongs to, compiled or not. */
export const THIS_TREE: Tree = treeAt(packageAbove(__dirname));

function packageAbove(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : packageAbove(dirname(folder));
}
