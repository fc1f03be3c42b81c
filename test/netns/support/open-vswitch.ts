/**
 * Open vSwitch with its userspace datapath, in the namespace of a quiet host. Its database and its sockets are in a
 * folder of the test. It ends when the host is removed.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from './host';
import { until } from './until';

/** Files of the package openvswitch-switch, which `scripts/unpacked.mjs` puts there. */
const FILES = join(__dirname, '../../../build/open-vswitch');
const SCHEMA = join(FILES, 'vswitch.ovsschema');
const DAEMON = join(FILES, 'ovs-vswitchd');
const SETTER = join(FILES, 'ovs-vsctl');

/** Whether the test can run Open vSwitch. */
export const hasOpenVswitch = existsSync(DAEMON);

export class OpenVswitch {
  private constructor(
    private readonly namespace: Host,
    private readonly folder: string,
  ) {}

  /**
   * @param folder an empty folder, which the test removes after its host
   * @param settings of the daemon, such as `other_config:userspace-tso-enable=true`
   */
  static async start(namespace: Host, folder: string, ...settings: string[]): Promise<OpenVswitch> {
    const vswitch = new OpenVswitch(namespace, folder);
    const { database } = vswitch;
    await namespace.mustRun(['ovsdb-tool', 'create', vswitch.file('conf.db'), SCHEMA]);
    vswitch.begin(
      'ovsdb-server',
      `--remote=p${database}`,
      '--unixctl=none',
      vswitch.file('conf.db'),
    );
    await until(() => existsSync(vswitch.file('db.sock')), 'the database listens');
    await vswitch.set('--no-wait', 'init');
    if (settings.length > 0) {
      await vswitch.set('--no-wait', 'set', 'open_vswitch', '.', ...settings);
    }
    vswitch.begin(DAEMON, database, `--unixctl=${vswitch.file('control')}`);
    return vswitch;
  }

  /** Runs `ovs-vsctl`, which waits until the switch has done it. @returns its output */
  set(...words: string[]): Promise<string> {
    const common = [`--db=${this.database}`, '--retry', '--timeout=20'];
    return this.namespace.mustRun([SETTER, ...common, ...words]);
  }

  /** Adds a bridge. Its own interface has its name. @param settings such as `rstp_enable=true` */
  addBridge(name: string, ...settings: string[]): Promise<string> {
    const words = ['datapath_type=netdev', ...settings];
    return this.set('add-br', name, '--', 'set', 'bridge', name, ...words);
  }

  /** Runs `ovs-appctl`. @returns its output */
  control(...words: string[]): Promise<string> {
    return this.namespace.mustRun(['ovs-appctl', `--target=${this.file('control')}`, ...words]);
  }

  private get database(): string {
    return `unix:${this.file('db.sock')}`;
  }

  private file(name: string): string {
    return join(this.folder, name);
  }

  private begin(program: string, ...args: string[]): void {
    // The sockets of bridges (`br1.mgmt`) and the log would be in the folders of the machine otherwise.
    const folders = ['RUN', 'LOG', 'DB', 'SYSCONF'].map((kind) => [`OVS_${kind}DIR`, this.folder]);
    this.namespace.start([program, ...args], {
      env: Object.fromEntries(folders) as Record<string, string>,
    });
  }
}
