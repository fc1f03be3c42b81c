/**
 * Writes a configuration file: YAML that reads as the same here, by YAML 1.2, and by the readers of
 * YAML 1.1 that most other programs have: to them `off` is a boolean, `02:00:00:00:00:01` a number
 * in base 60 and `1_000` one in base 10, unless it is quoted.
 */

import { Document, type Node, Scalar, isScalar, visit } from 'yaml';
import type { ConfigDocument } from './document';
import { escapeUnprintable } from '../system/printable';

/** @returns the text of the file, each character of which a terminal can show. */
export function formatConfigFile(config: ConfigDocument): string {
  const document = new Document(config, { compat: 'yaml-1.1' });
  visit(document, {
    Scalar: (_, scalar) => {
      if (needsQuotes(scalar)) scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
  // A line that is broken reads the same, and looks worse.
  const text = document.toString({ lineWidth: 0 });
  return text
    .split('\n')
    .map((line) => escapeUnprintable(line, escapeForYaml))
    .join('\n');
}

/** A bare `=` has a type of its own in YAML 1.1, which the library lacks: yaml.org/type/value.html */
function needsQuotes(node: Node): boolean {
  if (!isScalar(node) || typeof node.value !== 'string') return false;
  return node.value === '=' || escapeUnprintable(node.value, () => '') !== node.value;
}

/** YAML 1.2.2, 5.7: within double quotes. */
function escapeForYaml(character: string): string {
  const code = character.codePointAt(0) as number;
  return code > 0xffff
    ? `\\U${code.toString(16).padStart(8, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}
