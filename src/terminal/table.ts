/**
 * Lines, aligned tables and colours, for people. Programs read JSON.
 *
 * Text is printable here, whoever chose it: this file alone writes the control sequences of a
 * terminal, and a name that holds some shows them as `\u001b`.
 */

import { styleText } from 'node:util';
import { printable } from '../system/printable';

export type Colour = 'red' | 'yellow' | 'green' | 'bold';

/** Text in a colour. */
export interface Painted {
  readonly text: string;
  readonly colour: Colour;
}

type Span = string | Painted;

/** A line: one piece of text, or several, of which each may have its colour. */
export type Line = Span | readonly Span[];

/** Numbers stand on the right of their column, text on the left. */
export type Cell = Span | number;

/** Colours text, or leaves it as it is where nobody would see a colour. */
export type Paint = (colour: Colour, text: string) => string;

const GAP = '  ';

/** @returns the lines of a table; `rows` may have no more cells than `head`. */
export function tableLines(head: readonly string[], rows: readonly (readonly Cell[])[]): Line[] {
  const isNumeric = head.map((_, column) => typeof rows[0]?.[column] === 'number');
  const lines = [head, ...rows].map((row) => row.map(spanOf));
  const widths = head.map((_, column) =>
    Math.max(...lines.map((line) => textOf(line[column] ?? '').length)),
  );
  return lines.map((line) =>
    withoutEnd(
      line.flatMap((cell, column) => {
        const blanks = ' '.repeat((widths[column] ?? 0) - textOf(cell).length);
        const padded = isNumeric[column] ? [blanks, cell] : [cell, blanks];
        return column === 0 ? padded : [GAP, ...padded];
      }),
    ),
  );
}

/** @returns the line as it is written, without its end. */
export function renderLine(line: Line, paint: Paint = plain): string {
  const spans = typeof line === 'string' || 'text' in line ? [line] : line;
  return spans
    .map((span) =>
      typeof span === 'string' ? printable(span) : paint(span.colour, printable(span.text)),
    )
    .join('');
}

/** @returns the line in one colour. */
export function painted(colour: Colour, line: Line): Painted {
  const spans = typeof line === 'string' || 'text' in line ? [line] : line;
  return { colour, text: spans.map(textOf).join('') };
}

/** Colours are for terminals, and not for those who set NO_COLOR (no-color.org). */
export function paintFor(output: { readonly isTTY?: boolean }): Paint {
  const isColoured = output.isTTY === true && (process.env['NO_COLOR'] ?? '') === '';
  return isColoured ? (colour, text) => styleText(colour, text, { validateStream: false }) : plain;
}

function plain(_: Colour, text: string): string {
  return text;
}

/** A cell as it will be seen, so that its width can be known. */
function spanOf(cell: Cell): Span {
  if (typeof cell === 'object') return { ...cell, text: printable(cell.text) };
  return printable(String(cell));
}

function textOf(span: Span): string {
  return typeof span === 'string' ? span : span.text;
}

/** Without blanks at the end of the line. */
function withoutEnd(spans: Span[]): Line {
  while (spans.length > 0 && textOf(spans.at(-1) as Span).trimEnd() === '') spans.pop();
  const last = spans.pop();
  if (last === undefined) return '';
  return [...spans, typeof last === 'string' ? last.trimEnd() : last];
}
