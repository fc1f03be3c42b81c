/** Aligned tables and colours, for people. Programs read JSON. */

import { stripVTControlCharacters, styleText } from 'node:util';

/** Numbers stand on the right of their column, text on the left. */
export type Cell = string | number;

const GAP = '  ';

/** @returns the lines of a table; `rows` may have no more cells than `head`. */
export function tableLines(head: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  const isNumeric = head.map((_, column) => typeof rows[0]?.[column] === 'number');
  const lines = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) =>
    Math.max(...lines.map((line) => visibleLength(line[column] ?? ''))),
  );
  return lines.map((line) =>
    line
      .map((cell, column) => pad(cell, widths[column] ?? 0, isNumeric[column] ?? false))
      .join(GAP)
      .trimEnd(),
  );
}

function pad(cell: string, width: number, onTheRight: boolean): string {
  const blanks = ' '.repeat(Math.max(0, width - visibleLength(cell)));
  return onTheRight ? blanks + cell : cell + blanks;
}

function visibleLength(cell: string): number {
  return stripVTControlCharacters(cell).length;
}

export type Colour = 'red' | 'yellow' | 'green' | 'bold';

/** Colours text, or leaves it as it is where nobody would see a colour. */
export type Paint = (colour: Colour, text: string) => string;

/** Colours are for terminals, and not for those who set NO_COLOR (no-color.org). */
export function paintFor(output: { readonly isTTY?: boolean }): Paint {
  const isColoured = output.isTTY === true && (process.env['NO_COLOR'] ?? '') === '';
  return isColoured
    ? (colour, text) => styleText(colour, text, { validateStream: false })
    : (_, text) => text;
}
