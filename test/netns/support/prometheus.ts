/** A Prometheus server of Debian, which `scripts/unpacked.mjs` unpacks, with one target. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Background } from './command';
import { freePort } from './free-port';
import { until } from './until';

const PROGRAM = join(__dirname, '../../../build/prometheus');
export const hasPrometheus = existsSync(PROGRAM);

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data?: { readonly result: readonly unknown[] };
}

export class Prometheus {
  private constructor(
    private readonly program: Background,
    private readonly url: string,
  ) {}

  /**
   * Starts the server, and waits until it has scraped the target twice.
   * @param folder empty place for its files
   * @param target `HOST:PORT`
   */
  static async start(folder: string, target: string): Promise<Prometheus> {
    mkdirSync(folder);
    const file = join(folder, 'prometheus.yml');
    const job = { job_name: 'tapswitch', static_configs: [{ targets: [target] }] };
    writeFileSync(
      file,
      JSON.stringify({ global: { scrape_interval: '500ms' }, scrape_configs: [job] }),
    );
    const place = `127.0.0.1:${await freePort()}`;
    const program = new Background([
      ...[PROGRAM, `--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`],
      `--web.listen-address=${place}`,
    ]);
    const server = new Prometheus(program, `http://${place}/api/v1`);
    const scraped = 'count_over_time(up[1m]) >= 2';
    await until(
      async () => (await server.query(scraped).catch(() => [])).length > 0,
      () => program.stderr,
    );
    return server;
  }

  /** Number of values that an expression has now. @throws where the server refuses the expression */
  async query(expression: string): Promise<readonly unknown[]> {
    const answer = await fetch(`${this.url}/query?query=${encodeURIComponent(expression)}`);
    const { status, error, data } = (await answer.json()) as Answer;
    if (status !== 'success') throw new Error(`${expression}: ${error}`);
    return data?.result ?? [];
  }

  async stop(): Promise<void> {
    await this.program.stop();
  }
}
