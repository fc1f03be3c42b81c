/**
 * The hosts and switches of a test, which the test must not leave behind. Names are unique among all
 * test runs on the machine.
 *
 *     const lab = new Lab();
 *     afterEach(() => lab.clear());
 *     test('two hosts talk', async () => {
 *       const [a, b] = await lab.hosts(2);
 *       await lab.connect([a, b]);
 *       expect(await a.reaches(b.ipv4)).toBe(true);
 *     });
 */

import { rmSync } from 'node:fs';
import { defaultControlPath } from '../../../src/api/control-path';
import { Background, type Command } from './command';
import { Host, type HostOptions } from './host';
import { SwitchProcess, switchCommand as defaultSwitchCommand } from './switch-process';

/** A list of a known length, for destructuring. */
type Tuple<T, N extends number, R extends T[] = []> = number extends N
  ? T[]
  : R['length'] extends N
    ? R
    : Tuple<T, N, [...R, T]>;

let labCount = 0;

export class Lab {
  private readonly prefix = `ts${process.pid}-${++labCount}`;
  private hostCount = 0;
  private switchCount = 0;
  private switchNames: string[] = [];
  private madeHosts: Host[] = [];
  private started: Background[] = [];

  /** @param switchCommand the command line of the switch under test */
  constructor(private readonly switchCommand = defaultSwitchCommand) {}

  async host(options?: HostOptions): Promise<Host> {
    const number = ++this.hostCount;
    const host = await Host.make(`${this.prefix}-${number}`, number, options);
    this.madeHosts.push(host);
    return host;
  }

  async hosts<N extends number>(count: N, options?: HostOptions): Promise<Tuple<Host, N>> {
    const hosts: Host[] = [];
    while (hosts.length < count) hosts.push(await this.host(options));
    return hosts as Tuple<Host, N>;
  }

  /** Starts a switch whose ports are the hosts' TAPs, and gives the hosts their addresses. */
  async connect(hosts: readonly Host[], ...options: string[]): Promise<SwitchProcess> {
    const started = await this.startSwitch(...options, ...hosts.map((host) => host.port()));
    await Promise.all(hosts.map((host) => host.address()));
    return started;
  }

  /** Starts a switch that has a name of its own and logs as JSON at the level debug. */
  startSwitch(...args: string[]): Promise<SwitchProcess> {
    return SwitchProcess.start(this.start(this.nextSwitch(...args)));
  }

  /** Starts such a switch in a host: ports without a namespace are in that host. */
  startSwitchIn(host: Host, ...args: string[]): Promise<SwitchProcess> {
    return SwitchProcess.start(host.start(this.nextSwitch(...args)));
  }

  /** Starts a program, which is stopped when the lab is cleared at the latest. */
  start(command: Command): Background {
    const background = new Background(command);
    this.started.push(background);
    return background;
  }

  /** Ends every program and removes every host, in any state. */
  async clear(): Promise<void> {
    const { started, madeHosts, switchNames } = this;
    this.started = [];
    this.switchNames = [];
    this.madeHosts = [];
    this.hostCount = 0;
    await Promise.all(started.map((background) => background.end()));
    await Promise.all(madeHosts.map((host) => host.remove()));
    // A killed switch leaves its control socket behind.
    for (const name of switchNames) rmSync(defaultControlPath(name), { force: true });
  }

  private nextSwitch(...args: string[]): Command {
    const name = `${this.prefix}-br${this.switchCount++}`;
    this.switchNames.push(name);
    const options = ['--name', name, '--log-level', 'debug', '--log-format', 'json'];
    return this.switchCommand(...options, ...args);
  }
}
