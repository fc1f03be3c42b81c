/**
 * Reads a configuration file: YAML 1.2, of which JSON is a part. All faults are reported at once, each
 * as `FILE:LINE: PATH: what is wrong`. This module is loaded only when a file is given.
 */

import { type Stats, closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { isUtf8 } from 'node:buffer';
import { getSystemErrorMap } from 'node:util';
import {
  type Document,
  LineCounter,
  type Pair,
  type YAMLMap,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
} from 'yaml';
import { readFileValues } from './file-schema';
import { type Fault, formatPath } from './rule-schema';
import type { PortGrammar } from './port-grammar';
import type { GivenConfig } from './schema';
import { UsageError } from '../system/usage-error';
import { parseYaml, valuesOf } from './yaml';

/** 1 MiB: ten times the size of a file with a port and a binding of each possible kind. */
const FILE_MAX_BYTES = 2 ** 20;

const LINE_FEED = 10;

/**
 * @param file path of the file, as complaints show it.
 * @param ports how ports are written.
 * @throws UsageError if the file cannot be read, is not YAML, or has a wrong value.
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

/** @throws UsageError also for a FIFO or a device: reading one may never end */
function readText(file: string): string {
  let bytes: Buffer;
  try {
    requireRegular(file, statSync(file));
    // The path may name another file by now. The flags have no effect on a regular file.
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
  if (bytes.length > FILE_MAX_BYTES) {
    throw new UsageError(`${file}: longer than ${FILE_MAX_BYTES} bytes; that is no configuration`);
  }
  return decodeText(file, bytes);
}

/**
 * YAML is Unicode without zero bytes (YAML 1.2.2, 5.1). Another encoding would be read with other names, and a file
 * that a crash has cut off may end with zeros.
 */
function decodeText(file: string, bytes: Buffer): string {
  const text = bytes.toString();
  const badAt = isUtf8(bytes) ? bytes.indexOf(0) : firstDifference(bytes, Buffer.from(text));
  if (badAt === -1) return text;
  const line = bytes.subarray(0, badAt).filter((byte) => byte === LINE_FEED).length + 1;
  throw new UsageError(`${file}:${line}: no UTF-8 text; save the file as UTF-8`);
}

/** @returns the place of the first difference; the length of `bytes` if the others only go on */
function firstDifference(bytes: Uint8Array, others: Uint8Array): number {
  const index = bytes.findIndex((byte, place) => byte !== others[place]);
  return index === -1 ? bytes.length : index;
}

/** Reads at most `maxBytes`, even if the file has grown since. */
function readAtMost(fd: number, maxBytes: number): Buffer {
  const bytes = Buffer.allocUnsafe(maxBytes);
  let length = 0;
  for (let read = 1; read > 0 && length < maxBytes; length += read) {
    read = readSync(fd, bytes, length, maxBytes - length, null);
  }
  return bytes.subarray(0, length);
}

function requireRegular(file: string, status: Stats): void {
  // A directory passes here: reading it fails with EISDIR, which the caller reports.
  if (status.isDirectory()) return;
  if (status.isFile()) return;
  const kind = status.isFIFO() ? 'a FIFO' : 'a device';
  throw new UsageError(
    `${file}: ${kind} and no regular file; --config takes the path of a YAML file`,
  );
}

/** Text of a fault: `ports[1].mtu: expected …`. A fault of the whole file has no path. */
function textOf({ path, message }: Fault): string {
  const text = formatPath(path);
  return text === '' ? message : `${text}: ${message}`;
}

/** Pairs of each mapping, by key. The index keeps a file with many faults from taking quadratic time. */
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

/** Line of the last key or item of the path that exists. A missing key is a fault of its mapping. */
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
