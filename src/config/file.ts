/**
 * Reads a configuration file: YAML 1.2, of which JSON is a part. Everything that is wrong with it is
 * reported at once, each as `FILE:LINE: PATH: what is wrong`. Loaded only when a file is given.
 */

import { type Stats, closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { getSystemErrorMap } from 'node:util';
import {
  type Document,
  Lexer,
  LineCounter,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
  type Pair,
  type YAMLMap,
} from 'yaml';
import { readFileValues } from './file-schema';
import { type Fault, formatPath } from './rule-schema';
import type { PortGrammar } from './port-grammar';
import type { GivenConfig } from './schema';
import { UsageError } from '../system/usage-error';

/** Ten times what a switch with a port and a binding of each possible kind takes. */
const FILE_MAX_BYTES = 2 ** 20;
/**
 * The parser takes a time that grows with the square of keys, anchors and depth. The lexer does not:
 * it counts first. A file of 10,000 lines has some 100,000 tokens.
 */
const TOKENS_MAX = 150_000;
const ANCHORS_MAX = 100;
const DEPTH_MAX = 32;
/** The lexer's mark in front of a scalar, whose text is no indicator. */
const SCALAR_MARK = '\x1f';

/**
 * @param file its path, as it is to stand in complaints.
 * @param ports how ports are written.
 * @throws UsageError if the file cannot be read, is no YAML, or says something that is not right.
 */
export function readConfigFile(file: string, ports: PortGrammar): GivenConfig {
  const lines = new LineCounter();
  const document = parseYaml(file, readText(file), lines);
  const verdict = readFileValues(valuesOf(file, document), ports);
  if ('given' in verdict) return verdict.given;
  const located = verdict.faults
    .map((fault) => ({ line: lineOf(fault, document, lines), text: textOf(fault) }))
    .sort((a, b) => a.line - b.line);
  throw new UsageError(...located.map(({ line, text }) => `${file}:${line}: ${text}`));
}

/** @throws UsageError also for a FIFO or a device, which may have no end, or wait for ever for one */
function readText(file: string): string {
  let bytes: Buffer;
  try {
    requireRegular(file, statSync(file));
    // It may be another one by now. Only a regular file is opened as if nothing had been said.
    const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      requireRegular(file, fstatSync(fd));
      bytes = readAtMost(fd, FILE_MAX_BYTES + 1);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code = '', errno = 0 } = error as NodeJS.ErrnoException;
    const [, reason = 'it cannot be read'] = getSystemErrorMap().get(errno) ?? [];
    throw new UsageError(`${file}: ${reason} (${code}); --config takes the path of a YAML file`);
  }
  if (bytes.length <= FILE_MAX_BYTES) return bytes.toString();
  throw new UsageError(`${file}: longer than ${FILE_MAX_BYTES} bytes; that is no configuration`);
}

/** Reads no further, however much the file has grown since. */
function readAtMost(fd: number, maxBytes: number): Buffer {
  const bytes = Buffer.allocUnsafe(maxBytes);
  let length = 0;
  for (let read = 1; read > 0 && length < maxBytes; length += read) {
    read = readSync(fd, bytes, length, maxBytes - length, null);
  }
  return bytes.subarray(0, length);
}

/** @throws UsageError for a file that would take the parser longer than anybody waits. */
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
    // Several on one line are lists within lists.
    dashes = first === '-' || first === '?' ? dashes + 1 : first === ' ' ? dashes : 0;
    if (tokens > TOKENS_MAX) refuse(`more than ${TOKENS_MAX} words and signs`);
    if (anchors > ANCHORS_MAX) refuse(`more than ${ANCHORS_MAX} anchors and aliases`);
    if (Math.max(flowDepth, dashes) > DEPTH_MAX) refuse(`nested deeper than ${DEPTH_MAX} levels`);
    before = token;
  }
}

function requireRegular(file: string, status: Stats): void {
  // The system has its own word for a directory that is read.
  if (status.isDirectory()) return;
  if (status.isFile()) return;
  const kind = status.isFIFO() ? 'a FIFO' : 'a device';
  throw new UsageError(
    `${file}: ${kind} and no regular file; --config takes the path of a YAML file`,
  );
}

/** Only the first fault is reported: what comes behind it is often its consequence. */
function parseYaml(file: string, text: string, lineCounter: LineCounter): Document.Parsed {
  refuseExcess(file, text);
  const document = parseDocument(text, { lineCounter, prettyErrors: false, stringKeys: true });
  // Warnings are about unknown tags: the value would not mean what it says.
  const [fault] = [...document.errors, ...document.warnings];
  if (fault === undefined) return document;
  const { line } = lineCounter.linePos(fault.pos[0]);
  const reason =
    fault.code === 'MULTIPLE_DOCS' ? 'more than one document in the file' : fault.message;
  throw new UsageError(`${file}:${line}: not valid YAML: ${reason}`);
}

/** An alias that leads nowhere, or to far too much, shows only now. */
function valuesOf(file: string, document: Document.Parsed): unknown {
  try {
    return document.toJS();
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new UsageError(`${file}: not valid YAML: ${error.message}`);
  }
}

/** `ports[1].mtu: expected …`; a fault of the whole file has no path. */
function textOf({ path, message }: Fault): string {
  const text = formatPath(path);
  return text === '' ? message : `${text}: ${message}`;
}

/** The line of the last key or item on the path that is there: a missing key is the mapping's fault. */
/** Pairs of each mapping by key: there may be as many faults as keys. */
const pairs = new WeakMap<YAMLMap, ReadonlyMap<unknown, Pair>>();

function pairsOf(map: YAMLMap): ReadonlyMap<unknown, Pair> {
  const known = pairs.get(map);
  if (known !== undefined) return known;
  const found = new Map(
    map.items.map((pair) => [isScalar(pair.key) ? pair.key.value : undefined, pair] as const),
  );
  pairs.set(map, found);
  return found;
}

function lineOf({ path }: Fault, document: Document.Parsed, lines: LineCounter): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    const pair = isMap(node) ? pairsOf(node).get(step) : undefined;
    const place: unknown = isSeq(node) ? node.items[Number(step)] : pair?.key;
    if (!isNode(place)) break;
    offset = place.range?.[0] ?? offset;
    node = pair === undefined ? place : pair.value;
  }
  return lines.linePos(offset).line;
}
