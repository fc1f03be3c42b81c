/** Rows of the group table as tests compare them, and what a query in hex is. */

export interface MdbRow {
  readonly group: string;
  readonly port: number;
  readonly mode: string;
  readonly sources: readonly string[];
  readonly blocked: readonly string[];
}

/** Whether a frame is a general query, or one for a group: by its place in the bytes of an untagged frame. */
export function hasMessage(hex: string, kind: 'general' | 'group'): boolean {
  const isIgmp =
    hex.slice(24, 30) === '080046' && hex.slice(46, 48) === '02' && hex.slice(76, 78) === '11';
  const isMld =
    hex.slice(24, 28) === '86dd' && hex.slice(108, 110) === '3a' && hex.slice(124, 126) === '82';
  if (!isIgmp && !isMld) return false;
  const group = isIgmp ? hex.slice(84, 92) : hex.slice(140, 172);
  return /^0+$/.test(group) === (kind === 'general');
}
