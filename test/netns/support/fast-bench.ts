/** Two hosts on a switch whose ports are the near ends of their veth pairs, so that there is a fast path. */

import { defaultControlPath } from '../../../src/api/control-path';
import { ControlClient } from './control-client';
import type { Host } from './host';
import type { Lab } from './lab';
import type { SwitchProcess } from './switch-process';
import { until } from './until';
import { joinByVeth, nicPortsOf } from './veth';

export interface FastPortBody {
  readonly port: string;
  readonly fast: boolean;
  readonly fastObstacle?: string;
}

interface Stats {
  readonly ports: readonly { readonly port: string; readonly counters: Record<string, number> }[];
}

export interface FastBench {
  readonly a: Host;
  readonly b: Host;
  readonly namespace: Host;
  readonly running: SwitchProcess;
  readonly client: ControlClient;
  readonly ports: readonly string[];
}

/** Starts a switch with both hosts' near ends as ports. Resolves when their fast paths are open. */
export async function startFastBench(
  lab: Lab,
  options: readonly string[] = [],
  isQuiet = false,
): Promise<FastBench> {
  const [a, b] = await lab.hosts(2, { isQuiet });
  const namespace = await lab.host({ isQuiet: true });
  await joinByVeth(namespace, [a, b]);
  const running = await lab.startSwitch(...options, ...nicPortsOf(namespace, [a, b]));
  const name = /^ready (\S+)/m.exec(running.process.stdout)?.[1] as string;
  const client = new ControlClient(defaultControlPath(name));
  const bench: FastBench = {
    a,
    b,
    namespace,
    running,
    client,
    ports: nicPortsOf(namespace, [a, b]),
  };
  // The kernel reports a carrier up to a second late.
  await until(
    async () => (await portBodies(bench)).every(({ fast }) => fast),
    'the fast path of both ports is open',
  );
  return bench;
}

export async function portBodies({ client }: FastBench): Promise<FastPortBody[]> {
  return (await client.get('/v1/ports')).body as FastPortBody[];
}

export async function setFast({ client }: FastBench, port: string, fast: boolean): Promise<void> {
  const { status, text } = await client.patch(`/v1/ports/${encodeURIComponent(port)}`, { fast });
  if (status !== 200) throw new Error(text);
}

/** Frames and bytes that the ports have received and sent, as the switch counts them. */
export async function counts({ client }: FastBench): Promise<number[][]> {
  const { ports } = (await client.get('/v1/stats')).body as Stats;
  const names = ['rx-frames', 'rx-bytes', 'tx-frames', 'tx-bytes'];
  return ports.map(({ counters }) => names.map((name) => counters[name] as number));
}

/** Waits until frames between both hosts take the fast path. */
export async function settle({
  a,
  b,
  running,
}: Pick<FastBench, 'a' | 'b' | 'running'>): Promise<void> {
  await until(() => a.reaches(b.ipv4), 'the hosts reach each other');
  // Each attempt has its own pause of the switch: a host that resolves the other's address meanwhile gets no answer.
  await until(async () => {
    await running.pause();
    try {
      return await a.reaches(b.ipv4);
    } finally {
      running.resume();
    }
  }, 'they do without the switch');
}
