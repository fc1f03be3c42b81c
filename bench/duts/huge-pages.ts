/**
 * Huge pages for DPDK: reserved once for the whole run, released at its end.
 *
 * Source: Linux Documentation/admin-guide/mm/hugetlbpage.rst.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { undoLater } from '../undo';

const SETTING = '/proc/sys/vm/nr_hugepages';

const readPages = (): number => Number(readFileSync(SETTING, 'utf8'));

/** Returns why `count` more huge pages cannot be had, or undefined if they are there. */
export function takeHugePages(count: number): string | undefined {
  try {
    const before = readPages();
    undoLater(() => writeFileSync(SETTING, String(before)));
    writeFileSync(SETTING, String(before + count));
    const taken = readPages() - before;
    return taken === count ? undefined : `the kernel gives ${taken} of ${count} huge pages`;
  } catch (error) {
    return `no huge pages: ${String(error)}`;
  }
}
