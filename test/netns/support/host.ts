/**
 * One host of a test network: a network namespace with one TAP, `eth0`, whose other end a switch
 * holds. Its addresses follow from its number.
 */

import { join } from 'node:path';
import { Capture, type FrameSizes } from './capture';
import { Background, type Command, type CommandOptions, mustRun, run } from './command';
import type { Finished } from './command';
import { macOf } from './frame';
import { FloodPing, type PingCount, pingCountOf } from './ping';
import { untilReady } from './ready-program';

/** Debian's Python: it starts faster than one of a version manager. */
const PYTHON = '/usr/bin/python3';

export const INTERFACE = 'eth0';

/** The command line of a Python program in this folder. It leaves no compiled files behind. */
export function python(program: string, ...args: string[]): Command {
  return [PYTHON, '-B', join(__dirname, program), ...args];
}

export interface HostOptions {
  /** Whether the host sends nothing by itself (no IPv6, no addresses), for tests that count frames. */
  readonly isQuiet?: boolean;
}

interface LinkStatistics {
  readonly rx: { readonly packets: number };
  readonly tx: { readonly dropped: number };
}

/** Settings without duplicate address detection and without router solicitations. */
const TALKING = ['accept_dad=0', 'router_solicitations=0'];
const QUIET = ['disable_ipv6=1'];

export class Host {
  private readonly started: Background[] = [];

  private constructor(
    /** Name in `ip netns`. */
    readonly netns: string,
    readonly number: number,
    readonly isQuiet: boolean,
  ) {}

  static async make(
    netns: string,
    number: number,
    { isQuiet = false }: HostOptions = {},
  ): Promise<Host> {
    await mustRun(['ip', 'netns', 'add', netns]);
    const host = new Host(netns, number, isQuiet);
    const settings = (isQuiet ? QUIET : TALKING).flatMap((setting) =>
      ['all', 'default'].map((group) => `net.ipv6.conf.${group}.${setting}`),
    );
    await host.mustRun(['sysctl', '-q', '-w', ...settings]);
    return host;
  }

  get mac(): string {
    return macOf(this.number);
  }

  get ipv4(): string {
    return `192.0.2.${this.number}`;
  }

  get ipv6(): string {
    return `2001:db8::${this.number.toString(16)}`;
  }

  /** Name of the host's port on a switch. */
  get label(): string {
    return `${INTERFACE}@${this.netns}`;
  }

  /** The host's port on a switch's command line. @param settings `mtu=9000`, `persist`, … */
  port(...settings: string[]): string {
    return [this.label, `mac=${this.mac}`, ...settings].join(',');
  }

  /** Gives the TAP the host's addresses. A switch must have made it. A quiet host gets none. */
  async address(): Promise<void> {
    if (this.isQuiet) return;
    const lines = [
      `address replace ${this.ipv4}/24 dev ${INTERFACE}`,
      `address replace ${this.ipv6}/64 dev ${INTERFACE} nodad`,
    ];
    await mustRun(['ip', '-n', this.netns, '-batch', '-'], { input: lines.join('\n') });
  }

  /** Starts a program in the host. It runs until it ends, is stopped, or the host is removed. */
  start(command: Command, options?: CommandOptions): Background {
    const inside = ['nsenter', `--net=/run/netns/${this.netns}`, '--', ...command];
    const background = new Background(inside, options);
    this.started.push(background);
    return background;
  }

  /** Runs a program in the host to its end, with any status. */
  run(command: Command, options?: CommandOptions): Promise<Finished> {
    return this.start(command, options).finished;
  }

  /** Runs a program that must succeed. @returns its standard output. */
  mustRun(command: Command, options?: CommandOptions): Promise<string> {
    return this.start(command, options).succeeded();
  }

  /** Runs `ip` in the host, with its arguments in one text. @returns its output. */
  ip(args: string): Promise<string> {
    return mustRun(['ip', '-n', this.netns, ...args.split(' ')]);
  }

  /**
   * @param options options of ping(8). With more than one request, ping may not wait for the last
   *   answer: see flood_ping.py. Use `floodPings` where each ping must be answered.
   */
  async ping(target: string, ...options: string[]): Promise<PingCount> {
    const { stdout, stderr } = await this.run(['ping', '-q', '-n', ...options, target]);
    return pingCountOf(stdout, stderr);
  }

  /** Whether one ping is answered. */
  async reaches(target: string, ...options: string[]): Promise<boolean> {
    return (await this.ping(target, '-c', '1', '-W', '1', ...options)).received === 1;
  }

  /** Sends a number of pings, each as soon as the last one is answered. */
  async floodPings(target: string, count: number, payloadBytes = 56): Promise<PingCount> {
    const limits = [count, payloadBytes].map(String);
    return new FloodPing(await this.startReady('flood_ping.py', target, ...limits)).result();
  }

  /** Sends such pings until it is stopped. Resolves when the first ping is answered. */
  async floodPing(target: string): Promise<FloodPing> {
    return new FloodPing(await this.startReady('flood_ping.py', target));
  }

  /** Starts a program of this folder, and waits until it prints "ready". */
  startReady(program: string, ...args: string[]): Promise<Background> {
    return untilReady(this.start(python(program, ...args)));
  }

  /** Sends frames, given as hex; `HEX COUNT` sends one several times. */
  async send(...lines: string[]): Promise<void> {
    await this.mustRun(python('send_frames.py', INTERFACE), { input: lines.join('\n') });
  }

  /** Sends frames to a paused switch: up to 500 of them wait in the TAP's queue. */
  async queue(...lines: string[]): Promise<void> {
    await this.mustRun(python('send_frames.py', INTERFACE, 'queue'), { input: lines.join('\n') });
  }

  /** Frames that the host's interface has received. */
  async countReceived(device = INTERFACE): Promise<number> {
    return (await this.linkStatistics(device)).rx.packets;
  }

  /** Frames for which the TAP's queue had no room. The switch never saw them. */
  async countQueueDrops(): Promise<number> {
    return (await this.linkStatistics(INTERFACE)).tx.dropped;
  }

  /**
   * Captures the frames that reach the host.
   * @param filter in the words of pcap-filter(7)
   * @param sizes `SUPER_FRAMES` where frames longer than those of Ethernet may come
   */
  capture(filter?: string, sizes?: FrameSizes): Promise<Capture> {
    return Capture.start((command) => this.start(command), INTERFACE, filter, sizes);
  }

  /** Ends the programs in the host, and removes it. */
  async remove(): Promise<void> {
    await Promise.all(this.started.map((background) => background.end()));
    // A test may have deleted it already.
    await run(['ip', 'netns', 'delete', this.netns]);
  }

  private async linkStatistics(device: string): Promise<LinkStatistics> {
    const [link] = JSON.parse(await this.ip(`-j -s link show ${device}`)) as [
      { readonly stats64: LinkStatistics },
    ];
    return link.stats64;
  }
}
