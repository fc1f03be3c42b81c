/** How the addon is loaded. A JavaScript module stands in for it: `require` takes either. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type * as NativeModuleType from '../../../src/native/native';

/** What `addon/node/constants.cc` exports. */
const CONSTANTS = {
  vnetHeaderBytes: 10,
  headroomBytes: 16,
  maxFrameBytes: 65_554,
  maxSocketFrameBytes: 69_632,
  receiveSlotBytes: 69_760,
  signalDoorbell: 0,
  signalTroubleCount: 1,
  signalTroubles: 2,
  troubleWords: 3,
  tagAsItIs: 0,
  tagStrip: -1,
  kindDevice: 0,
  kindStream: 1,
  kindDatagram: 2,
  kindRing: 3,
  framingPlain: 0,
  framingVnet: 1,
  ringWritten: 0,
  ringSkippedFrom: 1,
  ringWaiting: 2,
  ringRead: 16,
  ringTold: 17,
  ringControlBytes: 128,
};

describe('the loader of the addon', () => {
  const before = process.env['TAPSWITCH_ADDON'];
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tapswitch-addon-'));
    jest.resetModules();
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    if (before === undefined) delete process.env['TAPSWITCH_ADDON'];
    else process.env['TAPSWITCH_ADDON'] = before;
  });

  /** Loads an addon of this source. @returns what it exports */
  function load(source: string): unknown {
    const path = join(folder, 'addon.js');
    writeFileSync(path, source);
    process.env['TAPSWITCH_ADDON'] = path;
    const { native } = jest.requireActual<typeof NativeModuleType>('../../../src/native/native');
    return native();
  }

  const exporting = (constants: unknown): string =>
    `module.exports = { constants: ${JSON.stringify(constants)} };`;

  test('takes an addon with the same constants', () => {
    expect(load(exporting(CONSTANTS))).toEqual({ constants: CONSTANTS });
  });

  test.each(Object.keys(CONSTANTS))('refuses an addon with another %s', (name) => {
    const others = { ...CONSTANTS, [name]: 4096 };
    expect(() => load(exporting(others))).toThrow(
      `the native addon was built from other sources (${name} differs, ${folder}/addon.js); run: npm run clean && npm run build`,
    );
  });

  test('refuses an addon without constants', () => {
    expect(() => load('module.exports = {};')).toThrow(/; run: npm run clean && npm run build$/);
  });

  test('says what to do about an addon that cannot be loaded', () => {
    expect(() => load('syntax error')).toThrow(
      "the native addon cannot be loaded (Unexpected identifier 'error'); install a C++ compiler, then run: npm run clean && npm run build",
    );
  });
});
