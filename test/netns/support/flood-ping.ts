/** Pings without pause while a test does something else, and counts exactly. */

export interface PingCount {
  readonly sent: number;
  readonly received: number;
}

/** ping(8): `3 packets transmitted, 3 received, 0% packet loss, time 2003ms`. */
const SUMMARY = /^(\d+) packets transmitted, (\d+) received/m;

/** @throws Error with what ping complained of instead of counting. */
export function pingCountOf(stdout: string, stderr: string): PingCount {
  const found = SUMMARY.exec(stdout);
  if (found === null) throw new Error(`ping: ${stderr}${stdout}`);
  return { sent: Number(found[1]), received: Number(found[2]) };
}

/**
 * One `ping -f -c` after the other. Each waits for its last reply, so that stopping between two of
 * them loses no count; a ping that is stopped by a signal forgets the reply that is on its way.
 */
const BATCH = ['-f', '-c', '500', '-W', '2'];

export class FloodPing {
  private sent = 0;
  private received = 0;
  private isStopping = false;
  private readonly done: Promise<void>;

  constructor(private readonly ping: (...options: string[]) => Promise<PingCount>) {
    this.done = this.run();
    this.done.catch(() => undefined);
  }

  /** Pings answered so far, in whole batches. */
  get answered(): number {
    return this.received;
  }

  async stop(): Promise<PingCount> {
    this.isStopping = true;
    await this.done;
    return { sent: this.sent, received: this.received };
  }

  private async run(): Promise<void> {
    do {
      const { sent, received } = await this.ping(...BATCH);
      this.sent += sent;
      this.received += received;
    } while (!this.isStopping);
  }
}
