/**
 * Writes a configuration file: YAML with the same meaning in YAML 1.2, which the switch reads, and in
 * YAML 1.1, which most other programs read. YAML 1.1 takes an unquoted `off` for a boolean,
 * `02:00:00:00:00:01` for a number in base 60, and `1_000` for a number in base 10.
 */

import { Document, type Node, Scalar, isScalar, visit } from 'yaml';
import type { ConfigDocument } from './document';
import { escapeUnprintable } from '../system/printable';

/** @returns the text of the file, in characters that a terminal can show */
export function formatConfigFile(config: ConfigDocument): string {
  const document = new Document(config, { compat: 'yaml-1.1' });
  visit(document, {
    Scalar: (_, scalar) => {
      if (needsQuotes(scalar)) scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
  // A width of 0 breaks no line. A broken line means the same, but reads worse.
  const text = document.toString({ lineWidth: 0 });
  return text
    .split('\n')
    .map((line) => escapeUnprintable(line, escapeForYaml))
    .join('\n');
}

/**
 * Whether the writer must quote a text by itself. A bare `=` has a type of its own in YAML 1.1, which the
 * library does not know: yaml.org/type/value.html
 */
function needsQuotes(node: Node): boolean {
  if (!isScalar(node) || typeof node.value !== 'string') return false;
  return node.value === '=' || escapeUnprintable(node.value, () => '') !== node.value;
}

/** Escape of a character within double quotes (YAML 1.2.2, 5.7). */
function escapeForYaml(character: string): string {
  const code = character.codePointAt(0) as number;
  return code > 0xffff
    ? `\\U${code.toString(16).padStart(8, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}
