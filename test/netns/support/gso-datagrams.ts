/** UDP datagrams of which the sender hands the kernel 44 in one call. Every byte is checked. */

import { type Host, python } from './host';
import { lastWords } from './ready-program';
import type { StreamDigests } from './tcp-stream';

const PORT = '5002';

/** @param address one of the addresses of `to` */
export async function gsoDatagrams(
  from: Host,
  to: Host,
  address: string,
  calls: number,
): Promise<StreamDigests> {
  const words = [address, PORT, String(calls)];
  const receiving = await to.startReady('udp_gso.py', 'receive', ...words);
  const sent = await from.mustRun(python('udp_gso.py', 'send', ...words));
  return { sent: sent.trim(), received: await lastWords(receiving) };
}
