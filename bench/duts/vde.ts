/**
 * vde_switch, of Virtual Distributed Ethernet.
 */

import { join } from 'node:path';
import { Child, SWITCH_CPU, inNetns, onCpu } from '../child';
import { makeFolder } from '../folder';
import { moveToHosts } from '../lab';
import { missing, type Dut } from './dut';

const PROGRAM = '/usr/bin/vde_switch';
const SPARE_PORTS = 8;
const LARGE_HASH = 131072;

export const vde: Dut = {
  name: 'vde',
  title: 'vde_switch',
  maxPorts: 1024,
  // vde_switch passes no longer frames.
  maxMtu: 1500,
  isVariant: false,
  learns: true,
  hasProcess: true,
  prepare: () => missing(PROGRAM, 'apt-get install vde2'),
  async start(site) {
    const folder = makeFolder();
    const taps = site.hosts.flatMap((host) => ['--tap', host.device]);
    const hash = site.addressCapacity === undefined ? [] : ['--hashsize', String(LARGE_HASH)];
    const ports = ['--numports', String(site.ports + SPARE_PORTS)];
    const command = [PROGRAM, '--sock', join(folder.path, 'switch'), ...ports, ...hash, ...taps];
    const child = new Child(inNetns(site.switchNetns, onCpu(SWITCH_CPU, command)), {
      // A command for its console, which it answers when it is up. End of input would end it.
      input: 'showinfo\n',
      inputStaysOpen: true,
    });
    await child.untilPrinted(/Success/);
    await moveToHosts(site);
    return {
      pid: child.pid,
      async stop() {
        await child.stop();
        folder.remove();
      },
    };
  },
};
