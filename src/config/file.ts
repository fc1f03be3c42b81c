/**
 * Reads a configuration file: YAML 1.2, of which JSON is a part. Everything that is wrong with it is
 * reported at once, each as `FILE:LINE: PATH: what is wrong`. Loaded only when a file is given.
 */

import {
  type Stats,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { getSystemErrorMap } from 'node:util';
import {
  type Document,
  LineCounter,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
} from 'yaml';
import { readFileValues } from './file-schema';
import { type Fault, formatPath } from './rule-schema';
import type { GivenConfig } from './schema';
import { UsageError } from './usage-error';

/** 4 MiB: every port that there can be, with every key. */
const FILE_BYTES_MAX = 4 * 2 ** 20;

/**
 * @param file its path, as it is to stand in complaints.
 * @throws UsageError if the file cannot be read, is no YAML, or says something that is not right.
 */
export function readConfigFile(file: string): GivenConfig {
  const lines = new LineCounter();
  const document = parseYaml(file, readText(file), lines);
  const verdict = readFileValues(valuesOf(file, document));
  if ('given' in verdict) return verdict.given;
  const located = verdict.faults
    .map((fault) => ({ line: lineOf(fault, document, lines), text: textOf(fault) }))
    .sort((a, b) => a.line - b.line);
  throw new UsageError(...located.map(({ line, text }) => `${file}:${line}: ${text}`));
}

/** @throws UsageError also for a FIFO or a device, which may have no end, or wait for ever for one */
function readText(file: string): string {
  try {
    requireRegular(file, statSync(file));
    // It may be another one by now. Only a regular file is opened as if nothing had been said.
    const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      requireRegular(file, fstatSync(fd));
      return readFileSync(fd, 'utf8');
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code = '', errno = 0 } = error as NodeJS.ErrnoException;
    const [, reason = 'it cannot be read'] = getSystemErrorMap().get(errno) ?? [];
    throw new UsageError(`${file}: ${reason} (${code}); --config takes the path of a YAML file`);
  }
}

function requireRegular(file: string, status: Stats): void {
  // The system has its own word for a directory that is read.
  if (status.isDirectory()) return;
  if (status.isFile()) {
    if (status.size <= FILE_BYTES_MAX) return;
    throw new UsageError(`${file}: ${status.size} bytes, at most ${FILE_BYTES_MAX} are read`);
  }
  const kind = status.isFIFO() ? 'a FIFO' : 'a device';
  throw new UsageError(
    `${file}: ${kind} and no regular file; --config takes the path of a YAML file`,
  );
}

/** Only the first fault is reported: what comes behind it is often its consequence. */
function parseYaml(file: string, text: string, lineCounter: LineCounter): Document.Parsed {
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
function lineOf({ path }: Fault, document: Document.Parsed, lines: LineCounter): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    const pair = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && key.value === step)
      : undefined;
    const place: unknown = isSeq(node) ? node.items[Number(step)] : pair?.key;
    if (!isNode(place)) break;
    offset = place.range?.[0] ?? offset;
    node = pair === undefined ? place : pair.value;
  }
  return lines.linePos(offset).line;
}
