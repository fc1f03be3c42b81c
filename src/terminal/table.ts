/**
 * Lines, aligned tables and colours, for people. Programs read JSON.
 *
 * This file writes the control sequences for colours. Control characters in the text itself, such as
 * in a name from outside, are shown as `\u001b`.
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

/** A line: one piece of text, or several, each of which may have its own colour. */
export type Line = Span | readonly Span[];

/** A cell. Numbers stand on the right of their column, text on the left. */
export type Cell = Span | number;

/** Colours text, or leaves it unchanged where colours are off. */
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

/** @returns the line as it is written, without the end of line. */
export function renderLine(line: Line, paint: Paint = plain): string {
  const spans = typeof line === 'string' || 'text' in line ? [line] : line;
  return spans
    .map((span) =>
      typeof span === 'string' ? printable(span) : paint(span.colour, printable(span.text)),
    )
    .join('');
}

/** @returns the line with at most so many columns; the last one of a longer line is `…`. */
export function cut(line: Line, columns: number): Line {
  const spans = typeof line === 'string' || 'text' in line ? [line] : line;
  let left = columns;
  const kept: Span[] = [];
  for (const span of spans) {
    const text = printable(textOf(span));
    const shown = text.length <= left ? text : text.slice(0, left);
    kept.push(typeof span === 'string' ? shown : { ...span, text: shown });
    left -= shown.length;
    if (shown.length < text.length) {
      const last = kept.pop() as Span;
      const ended = `${textOf(last).slice(0, -1)}…`;
      return [...kept, typeof last === 'string' ? ended : { ...last, text: ended }];
    }
  }
  return kept;
}

/** @returns the line in one colour. */
export function painted(colour: Colour, line: Line): Painted {
  const spans = typeof line === 'string' || 'text' in line ? [line] : line;
  return { colour, text: spans.map(textOf).join('') };
}

/** Colours for a terminal; none where the output is no terminal or NO_COLOR is set (no-color.org). */
export function paintFor(output: { readonly isTTY?: boolean }): Paint {
  const isColoured = output.isTTY === true && (process.env['NO_COLOR'] ?? '') === '';
  return isColoured ? (colour, text) => styleText(colour, text, { validateStream: false }) : plain;
}

function plain(_: Colour, text: string): string {
  return text;
}

/** A cell as it is printed: its width must be the width on the screen. */
function spanOf(cell: Cell): Span {
  if (typeof cell === 'object') return { ...cell, text: printable(cell.text) };
  return printable(String(cell));
}

function textOf(span: Span): string {
  return typeof span === 'string' ? span : span.text;
}

/** The line without blanks at its end. */
function withoutEnd(spans: Span[]): Line {
  while (spans.length > 0 && textOf(spans.at(-1) as Span).trimEnd() === '') spans.pop();
  const last = spans.pop();
  if (last === undefined) return '';
  return [...spans, typeof last === 'string' ? last.trimEnd() : last];
}
