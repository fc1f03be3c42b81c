/**
 * Folders for the sockets and databases of the devices under test.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { undoLater } from './undo';

export interface Folder {
  path: string;
  remove(): void;
}

/** Makes a folder of our own, which is removed with the bench at the latest. */
export function makeFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'tapswitch-bench-'));
  const removeNow = (): void => rmSync(path, { recursive: true, force: true });
  const forget = undoLater(removeNow);
  return {
    path,
    remove() {
      removeNow();
      forget();
    },
  };
}
