/** A TCP stream between two hosts. Every byte is checked. */

import { type Host, python } from './host';
import { lastWords } from './ready-program';

const PORT = '5001';

export interface StreamDigests {
  /** SHA-256 of the stream, as hex. */
  readonly sent: string;
  readonly received: string;
}

/** @param address one of the addresses of `to` */
export async function tcpStream(
  from: Host,
  to: Host,
  address: string,
  countBytes: number,
): Promise<StreamDigests> {
  const receiving = await to.startReady('tcp_stream.py', 'receive', address, PORT);
  const sent = await from.mustRun(
    python('tcp_stream.py', 'send', address, PORT, String(countBytes)),
  );
  return { sent: sent.trim(), received: await lastWords(receiving) };
}
