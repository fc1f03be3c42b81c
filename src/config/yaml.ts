/**
 * Parses YAML 1.2 within bounds: a file that would take the parser too long is refused before it is
 * parsed.
 */

import {
  type Document,
  Lexer,
  type LineCounter,
  type Pair,
  isScalar,
  parseDocument,
  visit,
} from 'yaml';
import { UsageError } from '../system/usage-error';

/** Maximum number of anchors and aliases. The parser takes a time that grows with the square of it. */
const ANCHORS_MAX = 100;
/** Maximum nesting, for the same reason. */
const DEPTH_MAX = 32;
/** Maximum number of tokens. A file of 10,000 lines has some 100,000 of them. */
const TOKENS_MAX = 150_000;
/** The lexer's mark in front of a scalar, whose text is no indicator. */
const SCALAR_MARK = '\x1f';

interface YamlFault {
  readonly offset: number;
  readonly reason: string;
}

/**
 * @param file path of the file, as complaints show it
 * @param lineCounter filled with the lines of the text
 * @throws UsageError with the first fault only: the faults behind it often follow from it
 */
export function parseYaml(file: string, text: string, lineCounter: LineCounter): Document.Parsed {
  refuseExcess(file, text);
  const document = parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    stringKeys: true,
    // The parser's own test compares each key with all keys before it: 4 s for 20,000 keys.
    uniqueKeys: false,
  });
  const fault = earlier(parserFault(document), repeatedKey(document));
  if (fault === undefined) return document;
  const { line } = lineCounter.linePos(fault.offset);
  throw new UsageError(`${file}:${line}: not valid YAML: ${fault.reason}`);
}

/** @throws UsageError for an alias without an anchor, or one that expands to too much */
export function valuesOf(file: string, document: Document.Parsed): unknown {
  try {
    return document.toJS();
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new UsageError(`${file}: not valid YAML: ${error.message}`);
  }
}

function refuseExcess(file: string, text: string): void {
  const refuse = (excess: string): never => {
    throw new UsageError(`${file}: not a configuration: ${excess}`);
  };
  let [tokens, anchors, flowDepth, dashes] = [0, 0, 0, 0];
  let before = '';
  for (const token of new Lexer().lex(text)) {
    tokens++;
    const [first = ''] = before === SCALAR_MARK ? '' : token;
    if (first === '&' || first === '*') anchors++;
    if (first === '[' || first === '{') flowDepth++;
    if (first === ']' || first === '}') flowDepth--;
    // Several dashes on one line open lists within lists.
    dashes = first === '-' || first === '?' ? dashes + 1 : first === ' ' ? dashes : 0;
    if (tokens > TOKENS_MAX) refuse(`more than ${TOKENS_MAX} words and signs`);
    if (anchors > ANCHORS_MAX) refuse(`more than ${ANCHORS_MAX} anchors and aliases`);
    if (Math.max(flowDepth, dashes) > DEPTH_MAX) refuse(`nested deeper than ${DEPTH_MAX} levels`);
    before = token;
  }
}

/** First fault of the parser. A warning counts too: it is about an unknown tag, which changes the value. */
function parserFault({ errors, warnings }: Document.Parsed): YamlFault | undefined {
  const [fault] = [...errors, ...warnings];
  if (fault === undefined) return undefined;
  const isSecond = fault.code === 'MULTIPLE_DOCS';
  const reason = isSecond ? 'more than one document in the file' : fault.message;
  return { offset: fault.pos[0], reason };
}

/** First repeated key of a mapping (YAML 1.2.2, 3.2.1.1). All keys are text. */
function repeatedKey(document: Document.Parsed): YamlFault | undefined {
  let offset = Infinity;
  visit(document, {
    Map(_, { items }) {
      offset = Math.min(offset, firstRepeated(items));
    },
  });
  return offset === Infinity ? undefined : { offset, reason: 'Map keys must be unique' };
}

/** @returns the offset of the key, `Infinity` where none is repeated */
function firstRepeated(pairs: readonly Pair[]): number {
  const seen = new Set<unknown>();
  for (const { key } of pairs) {
    if (!isScalar(key)) continue;
    if (seen.has(key.value)) return key.range?.[0] ?? 0;
    seen.add(key.value);
  }
  return Infinity;
}

function earlier(one: YamlFault | undefined, other: YamlFault | undefined): YamlFault | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one.offset <= other.offset ? one : other;
}
