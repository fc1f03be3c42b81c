import { expect, test } from '@jest/globals';
import { CONFIG_OPTIONS, completeConfig } from '../../../src/config/schema';
import { laneSettings } from '../../../src/control/lane-settings';

test('the lane takes the options that the table marks, under the names of the configuration', () => {
  const config = completeConfig([{ ports: [], ageingMs: 60_000, inspect: true }], false);
  expect(laneSettings(config)).toEqual({
    ageingMs: 60_000,
    groupForwardMask: 0,
    arp: 'answer',
    neighLifeMs: 60_000,
    inspect: true,
    mcastSnooping: false,
    mcastQuerier: false,
    mcastIgmpVersion: 2,
    mcastMldVersion: 1,
    mcastHashMax: 4_096,
    mcastLastMemberCount: 2,
    mcastLastMemberIntervalMs: 1_000,
    mcastMembershipIntervalMs: 0,
    mcastQuerierIntervalMs: 0,
    mcastQueryIntervalMs: 125_000,
    mcastQueryResponseIntervalMs: 10_000,
    mcastStartupQueryCount: 2,
    mcastStartupQueryIntervalMs: 0,
    loopGuard: true,
    ...{ stp: 'off', stpPriority: 32_768, stpHello: 2, stpMaxAge: 20, stpForwardDelay: 15 },
    vlanFiltering: false,
    vlanProtocol: '802.1Q',
    vlanDefaultPvid: 1,
    busyPollMicros: 40,
  });
});

test('every option that the lane takes has a value in every configuration', () => {
  const config = completeConfig([], false);
  const lane = CONFIG_OPTIONS.filter(({ live }) => live === 'lane');
  expect(lane.map(({ property }) => config[property])).not.toContain(undefined);
});
