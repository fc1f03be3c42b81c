/** A switch for tests of its control plane: with a configuration file, a control socket, and no CPU of its own. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from '../child';
import { makeFolder } from '../folder';
import { HttpConnection } from './http-connection';
import { dressHosts, makeSite, removeSite, type Host, type Site } from '../lab';
import { THIS_TREE, type Tree } from '../tree';

export class OperatedSwitch {
  private child: Child | undefined;
  private portsLine = '';

  private constructor(
    private readonly site: Site,
    /** Folder of this switch, removed with it: for the control socket and other files. */
    private readonly folder: ReturnType<typeof makeFolder>,
    private readonly before: readonly string[],
    private readonly options: readonly string[],
    private readonly tree: Tree,
  ) {}

  /**
   * @param ports number of the site's hosts that are behind ports
   * @param before words in front of `switch.js`: `env`, `node`, …
   * @param tree clone that has the built switch
   */
  static async start(
    { hosts, ports, keys = '' }: { hosts: number; ports: number; keys?: string },
    options: readonly string[] = [],
    before: readonly string[] = [process.execPath],
    tree = THIS_TREE,
  ): Promise<OperatedSwitch> {
    const site = await makeSite({ ports: hosts, mtu: 1500 });
    const started = new OperatedSwitch(site, makeFolder(), before, options, tree);
    const plugged = site.hosts.slice(0, ports);
    const specs = plugged.map((host) => `${portOf(host)}${keys}`);
    started.portsLine = `ports: ${JSON.stringify(specs)}\n`;
    started.writeFile('');
    await started.run();
    await dressHosts({ ...site, hosts: plugged });
    return started;
  }

  get hosts(): readonly Host[] {
    return this.site.hosts;
  }

  get pid(): number {
    return this.child!.pid;
  }

  get control(): string {
    return this.path('control.sock');
  }

  path(name: string): string {
    return join(this.folder.path, name);
  }

  /** Starts the switch again after it was killed. */
  async run(): Promise<void> {
    const files = ['--control', this.control, '--config', this.path('lab.yaml')];
    const name = ['--name', this.site.name];
    this.child = new Child([...this.before, this.tree.program, ...name, ...files, ...this.options]);
    await this.child.untilPrinted(/^ready/m);
  }

  /** Makes the switch read its file again. @param lines lines of the file besides the ports */
  async reload(lines: string): Promise<void> {
    this.writeFile(lines);
    const connection = new HttpConnection(this.control);
    const status = await connection.ask('POST', '/v1/reload');
    connection.close();
    if (status !== 200) throw new Error(`the switch answers a reload with ${status}`);
  }

  private writeFile(lines: string): void {
    writeFileSync(this.path('lab.yaml'), `${this.portsLine}${lines}\n`);
  }

  async kill(): Promise<void> {
    process.kill(this.pid, 'SIGKILL');
    await this.child!.exited;
  }

  async stop(): Promise<void> {
    await this.child!.stop();
    this.folder.remove();
    await removeSite(this.site);
  }
}

export const portOf = ({ device, netns }: Host): string => `${device}@${netns}`;
