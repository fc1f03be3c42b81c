/** A switch that is killed at any moment: the next switch takes its ports and removes what it has left. */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, jest, test } from '@jest/globals';
import { describeNetns } from '../netns/describe-netns';
import { type Host, INTERFACE } from '../netns/support/host';
import { Lab } from '../netns/support/lab';
import { switchCommand } from '../netns/support/switch-process';
import { until } from '../netns/support/until';

const TIMES = 50;
/** Milliseconds after the start of a switch over which the kills are spread. It is ready after about 300. */
const SPAN_MS = 600;

interface LinkState {
  readonly ifname: string;
  readonly promiscuity: number;
}

/** Interfaces and settings that switches could leave in a namespace. */
async function leftOf(host: Host): Promise<unknown> {
  const links = JSON.parse(await host.ip('-d -j link show')) as LinkState[];
  const qdiscs = await host.mustRun(['tc', 'qdisc', 'show']);
  return {
    links: links.map(({ ifname, promiscuity }) => [ifname, promiscuity]).sort(),
    clsact: qdiscs.includes('clsact'),
  };
}

describeNetns('after SIGKILL', () => {
  jest.setTimeout(600_000);
  const lab = new Lab();
  afterEach(() => lab.clear());

  test(`at ${TIMES} moments, the next switch takes the same ports and leaves nothing`, async () => {
    const [far, guest] = await lab.hosts(2);
    const namespace = await lab.host({ isQuiet: true });
    await namespace.ip(`link add uplink0 type veth peer name ${INTERFACE} netns ${far.netns}`);
    await namespace.ip('link set uplink0 up');
    await far.ip(`link set ${INTERFACE} up`);
    const untouched = await Promise.all([namespace, guest].map(leftOf));
    const ports = ['nic:uplink0', `veth:${guest.label},mac=${guest.mac},address=${guest.ipv4}/24`];
    for (let time = 0; time < TIMES; time++) {
      const args = ['--control', 'none', '--name', 'killed', ...ports];
      const killed = namespace.start(switchCommand(...args));
      await sleep((SPAN_MS * time) / TIMES);
      await killed.stop('SIGKILL');
      const next = await lab.startSwitchIn(namespace, ...ports);
      await far.ip(`address replace ${far.ipv4}/24 dev ${INTERFACE}`);
      await until(() => far.reaches(guest.ipv4), `frames flow after the kill ${time}`);
      expect(await next.stop('SIGTERM')).toMatchObject({ status: 0 });
      await until(
        async () =>
          JSON.stringify(await Promise.all([namespace, guest].map(leftOf))) ===
          JSON.stringify(untouched),
        `nothing is left after the kill ${time}`,
      );
    }
    expect(await Promise.all([namespace, guest].map(leftOf))).toEqual(untouched);
  });
});
