/**
 * The address of a socket: a path of the file system, or an IP address with a port.
 *
 * A text with a `/` is a path. A path with a `,` could not be written in front of the keys of a port, and
 * `%` stands for a pattern there.
 */

import { isAbsolute, resolve } from 'node:path';
import { SOCKET_PATH_BYTES_MAX } from '../../system/socket-name';
import { canonicalIpAddress, parseIpAddress } from '../../wire/ip-text';
import { expected, textRule } from './rule';

const WHAT =
  'a path such as /run/guest.sock, or an IP address with a port: 192.0.2.1:5555, [2001:db8::1]:5555';
const LAST_PORT = 65_535;

/** A path, or an IP address with a port. */
export type SocketPlace = string | { readonly host: string; readonly port: number };

/** The text of an address, in its one form. */
export const socketAddress = textRule(WHAT, (text) =>
  text.includes('/') ? checkPath(text) : canonicalHost(text),
);

/** The address of a TCP socket, in its one form: `192.0.2.1:9101`. */
export const tcpAddress = textRule(
  'an IP address with a port: 127.0.0.1:9101, [2001:db8::1]:9101',
  canonicalHost,
);

/** @param text that has passed {@link socketAddress} */
export function isPath(text: string): boolean {
  return text.includes('/');
}

/** @param text that has passed {@link socketAddress} */
export function parseSocketAddress(text: string): SocketPlace {
  return isPath(text) ? text : (splitHost(text) as Exclude<SocketPlace, string>);
}

/** Identity of an address: equal for all texts that mean it. */
export function socketIdentity(text: string): string {
  return isPath(text) ? resolve(text) : text;
}

/** Whether only programs of this machine reach an address. */
export function isLocal(text: string): boolean {
  if (isPath(text)) return true;
  const { host = '' } = splitHost(text) ?? {};
  return host === '::1' || host.startsWith('127.');
}

function checkPath(text: string): string {
  const what = `the path of a socket, at most ${SOCKET_PATH_BYTES_MAX} bytes`;
  const bytes = Buffer.byteLength(text);
  // Without the number of a guest, which is no part of the path.
  if (bytes > SOCKET_PATH_BYTES_MAX) throw expected(what, text, `${bytes} bytes`);
  if (/[,%]/.test(text)) throw expected('the path of a socket without "," and "%"', text);
  if (text.endsWith('/')) throw expected('the path of a socket', text, 'a folder');
  if (!isAbsolute(text) && !text.startsWith('.')) {
    throw expected('a path that begins with "/" or "."', text);
  }
  return text;
}

function canonicalHost(text: string): string | undefined {
  const split = splitHost(text);
  if (split === undefined) return undefined;
  const host = canonicalIpAddress(split.host);
  return host.includes(':') ? `[${host}]:${split.port}` : `${host}:${split.port}`;
}

function splitHost(text: string): { host: string; port: number } | undefined {
  const [, ipv6, ipv4, digits = ''] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = ipv6 ?? ipv4 ?? '';
  const bytes = parseIpAddress(host);
  const port = Number(digits);
  const isRight = bytes !== undefined && (bytes.length === 4) === (ipv4 !== undefined);
  return isRight && port > 0 && port <= LAST_PORT ? { host, port } : undefined;
}
