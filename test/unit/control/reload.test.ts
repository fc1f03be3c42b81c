/** A reload that fails at any of its steps leaves the switch as it was. */

import { describe, expect, test } from '@jest/globals';
import { type SwitchConfig, completeConfig } from '../../../src/config/schema';
import { type Cidr, cidr } from '../../../src/config/values/cidr';
import { laneSettings } from '../../../src/control/lane-settings';
import { applyConfig } from '../../../src/control/reload';
import type { TapSwitch } from '../../../src/control/tap-switch';

const BEFORE = completeConfig([{ addresses: [cidr.fromText('192.0.2.1/24')] }], false);
const OTHER = completeConfig(
  [
    {
      addresses: [cidr.fromText('192.0.2.2/24')],
      ageingMs: 60_000,
      arp: 'off',
      neighLifeMs: 20_000,
      inspect: true,
      busyPollMicros: 0,
      neighbours: [{ address: '192.0.2.7', mac: '02:00:00:00:00:07' }],
    },
  ],
  false,
);

/** Interface of a port that is never opened. */
const WANTED: SwitchConfig = {
  ...OTHER,
  stations: [{ mac: '02:00:00:00:00:08', port: 'tap0', kind: 'static' }],
  groups: [{ group: '239.1.1.1', port: 'tap0' }],
};

/** Steps that change nothing when they fail. */
const ATOMIC: ReadonlySet<string> = new Set(['addAddress']);

/** A switch without ports. It notes its steps, and one of them may fail. */
class Steps {
  config: SwitchConfig = BEFORE;
  readonly ports = { all: [] };
  readonly journal = { log: { error: () => undefined } };
  readonly taken: string[] = [];

  /** @param failing name of the step that fails, the first time */
  constructor(private failing?: string) {}

  addAddress(address: Cidr): Promise<void> {
    return this.step('addAddress', { addresses: [...this.config.addresses, address] });
  }

  removeAddress({ address }: Cidr): Promise<void> {
    const addresses = this.config.addresses.filter((own) => own.address !== address);
    return this.step('removeAddress', { addresses });
  }

  setStaticEntries({ neighbours, stations }: SwitchConfig): Promise<void> {
    return this.step('setStaticEntries', { neighbours, stations });
  }

  setStaticGroups(groups: SwitchConfig['groups']): Promise<void> {
    return this.step('setStaticGroups', { groups });
  }

  configure(config: SwitchConfig): Promise<void> {
    return this.step('configure', laneSettings(config));
  }

  renewStaticEntries(): Promise<void> {
    return this.step('renewStaticEntries', {});
  }

  apply(): Promise<unknown> {
    return applyConfig(this as unknown as TapSwitch, WANTED);
  }

  /** A step that fails may have been carried out in part. */
  private step(name: string, change: Partial<SwitchConfig>): Promise<void> {
    this.taken.push(name);
    const fails = name === this.failing;
    if (fails) this.failing = undefined;
    if (!fails || !ATOMIC.has(name)) this.config = { ...this.config, ...change };
    return fails ? Promise.reject(new Error('refused')) : Promise.resolve();
  }
}

describe('a reload', () => {
  test('applies the new configuration', async () => {
    const steps = new Steps();
    await steps.apply();
    expect(steps.config).toEqual(WANTED);
    expect(steps.taken).toEqual([
      'addAddress',
      'setStaticEntries',
      'configure',
      'setStaticGroups',
      'removeAddress',
      'renewStaticEntries',
    ]);
  });

  test.each(['addAddress', 'setStaticEntries', 'configure', 'setStaticGroups'])(
    'that fails in %s is taken back',
    async (failing) => {
      const steps = new Steps(failing);
      await expect(steps.apply()).rejects.toThrow('refused');
      expect(steps.config).toEqual(BEFORE);
    },
  );
});
