/** A deliberately naive twin of the compiled filters: it evaluates the tree itself, byte by byte. */

import type { Filter, Side } from '../../src/capture/filter';

const TAGS = ['8100', '88a8'];
const TYPES: Readonly<Record<string, readonly [source: number, target: number, bytes: number]>> = {
  '0800': [12, 16, 4],
  '0806': [14, 24, 4],
  '86dd': [8, 24, 16],
};

/** @param frame as hex digits, with two tags at most */
export function naivelyMatches(filter: Filter, frame: string): boolean {
  switch (filter.kind) {
    case 'all':
      return true;
    case 'none':
      return false;
    case 'not':
      return !naivelyMatches(filter.term, frame);
    case 'and':
      return filter.terms.every((term) => naivelyMatches(term, frame));
    case 'or':
      return filter.terms.some((term) => naivelyMatches(term, frame));
    default:
  }
  const hex = (at: number, bytes: number): string => frame.slice(2 * at, 2 * (at + bytes));
  const number = (at: number, bytes: number): number => {
    const digits = hex(at, bytes);
    return digits.length === 2 * bytes ? Number.parseInt(digits, 16) : Number.NaN;
  };
  let typeAt = 12;
  while (TAGS.includes(hex(typeAt, 2))) typeAt += 4;
  const at = typeAt + 2;
  const type = hex(typeAt, 2);
  const onSide = (side: Side, isSo: (isSource: boolean) => boolean): boolean =>
    (side !== 'dst' && isSo(true)) || (side !== 'src' && isSo(false));
  const wanted = 'bytes' in filter ? Buffer.from(filter.bytes).toString('hex') : '';
  const bits = (digits: string): string =>
    [...digits].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join('');
  const isIpv4 = type === '0800';
  const protocol = isIpv4 ? number(at + 9, 1) : type === '86dd' ? number(at + 6, 1) : Number.NaN;
  switch (filter.kind) {
    case 'mac':
      return onSide(filter.side, (isSource) => hex(isSource ? 6 : 0, 6) === wanted);
    case 'ether-type':
      return number(typeAt, 2) === filter.type;
    case 'tagged':
      if (!TAGS.includes(hex(12, 2))) return false;
      return filter.vid === undefined || (number(14, 2) & 0xfff) === filter.vid;
    case 'ip': {
      const [source, target, bytes] = TYPES[type] ?? [0, 0, 0];
      if (filter.bytes.length !== bytes) return false;
      const prefix = bits(wanted).slice(0, filter.prefixBits);
      return onSide(filter.side, (isSource) => {
        const address = hex(at + (isSource ? source : target), bytes);
        return address.length === 2 * bytes && bits(address).startsWith(prefix);
      });
    }
    case 'protocol':
      return protocol === filter.number;
    case 'port': {
      if (protocol !== 6 && protocol !== 17) return false;
      if (isIpv4 && (number(at + 6, 2) & 0x1fff) !== 0) return false;
      const portsAt = at + (isIpv4 ? (number(at, 1) & 0xf) * 4 : 40);
      return onSide(filter.side, (isSource) => {
        const port = number(portsAt + (isSource ? 0 : 2), 2);
        return port >= filter.first && port <= filter.last;
      });
    }
  }
}
