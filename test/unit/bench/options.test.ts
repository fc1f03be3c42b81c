import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { parseOptions } from '../../../bench/options';

const CLONE = join(__dirname, '../../..');
const namesOf = (argv: string[]): string[] => parseOptions(argv).duts.map(({ name }) => name);

describe('parseOptions', () => {
  test('a run without interfaces needs no root, and no peer', () => {
    expect(parseOptions(['--only', 'decide'])).toMatchObject({ needsDevices: false });
    expect(namesOf(['--only', 'decide'])).toEqual(['ours']);
    expect(parseOptions(['--only', 'decide,rate-60'])).toMatchObject({ needsDevices: true });
    expect(parseOptions(['--from', 'results.json'])).toMatchObject({ needsDevices: false });
    expect(parseOptions([])).toMatchObject({ needsDevices: true });
  });

  test('a device without a part in an experiment is left out', () => {
    expect(namesOf(['--only', 'rate-60'])).toContain('vde');
    expect(namesOf(['--only', 'memory-start'])).not.toContain('bridge');
  });

  test('against a commit there are two tapswitches, and pairs enough to bound a median', () => {
    const options = parseOptions(['--against', 'HEAD', '--against-tree', CLONE]);
    expect(options.duts.map(({ name, title }) => [name, title])).toEqual([
      ['ours', 'tapswitch, this tree'],
      ['other', 'tapswitch, HEAD'],
    ]);
    expect(options).toMatchObject({ against: 'HEAD', repeats: 12 });
    expect(parseOptions(['--against', 'HEAD', '--quick']).repeats).toBe(6);
    expect(parseOptions(['--against', 'HEAD', '--repeats', '20']).repeats).toBe(20);
  });

  test('the other commit is no device before it is built', () => {
    expect(namesOf(['--against', 'HEAD'])).toEqual(['ours']);
  });
});
