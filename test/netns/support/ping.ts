/** Pings, counted. */

import type { Background } from './command';
import { lastWords } from './ready-program';

export interface PingCount {
  readonly sent: number;
  readonly received: number;
}

/** Summary of ping(8): `3 packets transmitted, 3 received, 0% packet loss, time 2003ms`. */
const SUMMARY = /^(\d+) packets transmitted, (\d+) received/m;

/** @throws Error with ping's message where there are no counts. */
export function pingCountOf(stdout: string, stderr: string): PingCount {
  const found = SUMMARY.exec(stdout);
  if (found === null) throw new Error(`ping: ${stderr}${stdout}`);
  return { sent: Number(found[1]), received: Number(found[2]) };
}

/** Pings one after the other, without pause. */
export class FloodPing {
  /** @param program running flood_ping.py */
  constructor(private readonly program: Background) {}

  stop(): Promise<PingCount> {
    this.program.signal('SIGTERM');
    return this.result();
  }

  /** Resolves to the counts when the program has ended. */
  async result(): Promise<PingCount> {
    return JSON.parse(await lastWords(this.program)) as PingCount;
  }
}
