/** The readers of the configuration against naive twins, and with any text that a user may type. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { cidr } from '../../../src/config/values/cidr';
import { parseCommandLine } from '../../../src/config/command-line';
import { configDocument } from '../../../src/config/document';
import { readConfigFile } from '../../../src/config/file';
import { readFileValues } from '../../../src/config/file-schema';
import { formatConfigFile } from '../../../src/config/format-file';
import { interfaceNameOrPattern } from '../../../src/config/values/interface-name';
import { canonicalIpAddress, parseIpAddress } from '../../../src/wire/ip-text';
import { account as accountRule } from '../../../src/config/values/interface-rules';
import {
  type PortSpec,
  portLabel,
  portNamespace,
  tapName,
} from '../../../src/config/values/port-spec';
import { type Rule, ValueError } from '../../../src/config/values/rule';
import { CONFIG_OPTIONS, completeConfig } from '../../../src/config/schema';
import { PORT_KINDS } from '../../../src/ports/kinds';
import { UsageError } from '../../../src/system/usage-error';

/** Result of `read`, or the message if it throws the only kind of error that it may throw. */
function attempt<T>(
  read: () => T,
  Refusal: new (...args: never[]) => Error,
): { readonly value?: T; readonly refusal?: string } {
  try {
    return { value: read() };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expect(error.message).not.toBe('');
    return { refusal: error.message };
  }
}

const bytesOf = (text: string): number[] => [...Buffer.from(text)];

/** dev_valid_name and __dev_alloc_name, byte by byte, as the kernel has them. */
function kernelTakesName(text: string): boolean {
  const bytes = bytesOf(text);
  if (bytes.length < 1 || bytes.length > 15) return false;
  if (['.', '..', 'all', 'default'].includes(text)) return false;
  let percents = 0;
  for (const [index, byte] of bytes.entries()) {
    // The kernel takes this byte for the end of the name.
    if (byte === 0) return false;
    if (byte === 0x2f || byte === 0x3a) return false;
    if (byte === 0x20 || (byte >= 9 && byte <= 13) || byte === 0xa0) return false;
    if (byte !== 0x25) continue;
    percents++;
    if (bytes[index + 1] !== 0x64) return false;
  }
  return percents <= 1;
}

const nameLike = fc.string({ unit: fc.constantFrom(...'ab0%d%d./:@, \té\u00a0à'), maxLength: 17 });
const plainName = fc.stringMatching(/^[a-z][a-z0-9._-]{0,14}$/).filter(kernelTakesName);
const mac = fc
  .uint8Array({ minLength: 5, maxLength: 5 })
  .map((bytes) => ['02', ...(Buffer.from(bytes).toString('hex').match(/../g) ?? [])].join(':'));
const account = fc.oneof(fc.stringMatching(/^[a-z_][a-z0-9_-]{0,30}$/), fc.nat());

const portSpec: fc.Arbitrary<PortSpec> = fc.record(
  {
    name: fc.oneof(plainName, fc.constant('tap%d')),
    persist: fc.boolean(),
    netns: fc.oneof(plainName, fc.constant('/proc/1/ns/net')),
    mtu: fc.integer({ min: 68, max: 65_521 }),
    mac,
    owner: account,
    group: account,
    offload: fc.boolean(),
    trusted: fc.boolean(),
    'neigh-suppress': fc.boolean(),
  },
  { requiredKeys: ['name', 'persist'] },
);

describe('an interface name', () => {
  test('is a name that the kernel accepts', () => {
    fc.assert(
      fc.property(fc.oneof(nameLike, fc.string({ unit: 'binary', maxLength: 17 })), (text) => {
        const { value } = attempt(() => interfaceNameOrPattern.fromText(text), ValueError);
        expect(value !== undefined).toBe(kernelTakesName(text));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('IP addresses', () => {
  test('are the same bytes in every notation', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV6(), fc.ipV4()), (text) => {
        const bytes = parseIpAddress(text);
        expect(bytes).toHaveLength(isIP(text) === 4 ? 4 : 16);
        expect(parseIpAddress(canonicalIpAddress(text))).toEqual(bytes);
        expect(parseIpAddress(text.toUpperCase())).toEqual(bytes);
      }),
    );
  });

  test('are the bytes that their text has', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 }), (groups) => {
        const bytes = groups.flatMap((group) => [group >> 8, group & 0xff]);
        const text = canonicalIpAddress(groups.map((group) => group.toString(16)).join(':'));
        expect([...(parseIpAddress(text) ?? [])]).toEqual(bytes);
      }),
    );
  });

  test('of a host are never the first of their network, nor the last in IPv4', () => {
    const address = fc
      .tuple(fc.nat(255), fc.constantFrom(0, 1, 127, 128, 254, 255))
      .map(([third, fourth]) => `198.18.${third}.${fourth}`);
    fc.assert(
      fc.property(address, fc.integer({ min: 8, max: 32 }), (text, prefixLength) => {
        const { value } = attempt(() => cidr.fromText(`${text}/${prefixLength}`), ValueError);
        // The addresses beside a host's address are of its network, too, if it has more than two.
        const network = new BlockList();
        network.addSubnet(text, prefixLength, 'ipv4');
        const isInside = (step: number): boolean => {
          const number = text.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0) + step;
          return network.check([24, 16, 8, 0].map((bits) => (number >>> bits) & 255).join('.'));
        };
        expect(value !== undefined).toBe(prefixLength >= 31 || (isInside(-1) && isInside(1)));
      }),
    );
  });
});

describe('a port specification', () => {
  test('is read again as it was printed', () => {
    fc.assert(
      fc.property(portSpec, (spec) => {
        expect(PORT_KINDS.parse(PORT_KINDS.format(spec))).toEqual(spec);
      }),
    );
  });

  test('of any text is valid and prints as itself, or is refused', () => {
    const key = fc.constantFrom(
      'mtu',
      'mac',
      'persist',
      'owner',
      'group',
      'offload',
      'trusted',
      'neigh-suppress',
      'speed',
      '',
    );
    const value = fc.oneof(fc.constantFrom('1500', 'on', 'off', ''), mac, fc.string());
    const setting = fc
      .tuple(key, fc.constantFrom('=', ''), value)
      .map(([name, equals, text]) => name + equals + text);
    const text = fc
      .tuple(nameLike, fc.array(setting, { maxLength: 4 }))
      .map((parts) => parts.flat().join(','));
    fc.assert(
      fc.property(text, (typed) => {
        const { value: spec } = attempt(() => PORT_KINDS.parse(typed), ValueError);
        expect(spec && PORT_KINDS.parse(PORT_KINDS.format(spec))).toEqual(spec);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('every option', () => {
  const rules: [string, Rule<unknown>][] = CONFIG_OPTIONS.map(({ key, rule }) => [key, rule]);

  test.each(rules)('--%s takes or refuses any text and any value', (_, rule) => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.nat().map(String)), (text) => {
        attempt(() => rule.fromText(text), ValueError);
      }),
    );
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true }), (value) => {
        attempt(() => rule.fromValue(value), ValueError);
      }),
    );
  });
});

describe('the command line', () => {
  const options = CONFIG_OPTIONS.flatMap(({ key }) => [`--${key}`, `--no-${key}`]);
  const word = fc.oneof(
    fc.constantFrom(...options, '--', '-', '--version', 'tap0', 'tap1', '0', '60', 'br0', 'off'),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );

  test('is accepted, or refused in one line that a terminal can show', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
        const { refusal = '' } = attempt(
          () => parseCommandLine(argv, PORT_KINDS, false),
          UsageError,
        );
        expect(refusal).toMatch(/^\P{Cc}*$/u);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a configuration file', () => {
  let folder = '';
  let file = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tapswitch-config-property-'));
    file = join(folder, 'lab.yaml');
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const key = fc.oneof(
    fc.constantFrom('ports', ...CONFIG_OPTIONS.map((option) => option.key)),
    fc.string(),
  );
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.double());
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(fc.constantFrom('name', 'mtu', 'netns'), fc.string()), tie('value'), {
        maxKeys: 3,
      }),
    ),
  }));

  /** Each complaint has the file's name and a line that the file has. */
  function expectComplaints(text: string): void {
    writeFileSync(file, text);
    const lineCount = text.split('\n').length;
    try {
      readConfigFile(file, PORT_KINDS);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      expect(error.lines.length).toBeGreaterThan(0);
      for (const complaint of error.lines) {
        const [, line = ''] = /^:(\d+): \P{Cc}+$/u.exec(complaint.slice(file.length)) ?? [];
        expect(Number(line)).toBeGreaterThanOrEqual(1);
        expect(Number(line)).toBeLessThanOrEqual(lineCount);
      }
    }
  }

  test('of any shape is accepted, or refused with a line number', () => {
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 4 }), (content) => {
        expectComplaints(stringify(content));
      }),
      { numRuns: 300 },
    );
  });

  test('of any text is accepted, or refused with a line number', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab:-[]{}\n "\'#!|>%@,0'), maxLength: 40 });
    fc.assert(
      fc.property(text, (content) => {
        expectComplaints(content);
      }),
      { numRuns: 300 },
    );
  });

  test('that was printed is read as the same, by YAML 1.2 and by YAML 1.1', () => {
    // These are words, numbers and dates to some readers, characters that files cannot hold as
    // they are, and characters that control a terminal.
    const tricky = fc.constantFrom(
      ...['on', 'off', 'yes', 'no', 'y', 'N', 'true', 'null', '~', '=', '<<', '0x10', '0o10'],
      ...['010', '0b1', '1e3', '1.5', '.inf', '.nan', '1_000', '+1', '2026-11-28', '-', '#a'],
      ...['*a', '&a', '!a', '%YAML', '---', '...', '[a', '{a}', "'a", '"a', '|', '>', '?', 'a #b'],
    );
    const unit = fc.constantFrom(
      ...'ab019_.=#*&!|>\'"[]{}-?~\u001b\u007f\u0085\u2028\u202e\u{e0041}é',
    );
    const wild = fc.oneof(tricky, fc.string({ unit, minLength: 1, maxLength: 6 }));
    const takenBy = (rule: Rule<unknown>) => (text: string) =>
      attempt(() => rule.fromText(text), ValueError).value !== undefined;
    const name = wild.filter(takenBy(tapName));
    const netns = fc
      .oneof(
        wild,
        wild.map((text) => `/run/${text} x`),
        wild.map((text) => `a@${text}`),
      )
      .filter(takenBy(portNamespace));
    const digitsMac = fc.constantFrom('02:00:00:00:00:01', '02:10:20:30:40:50');
    const user = fc.oneof(wild, account.map(String)).filter(takenBy(accountRule));
    const owner = fc.oneof(user, fc.nat());
    const port: fc.Arbitrary<PortSpec> = fc.record(
      {
        name: fc.oneof(name, plainName),
        persist: fc.boolean(),
        netns,
        mac: digitsMac,
        owner,
        group: owner,
        trusted: fc.boolean(),
      },
      { requiredKeys: ['name', 'persist'] },
    );
    const path = wild.filter((text) => !text.includes('\0'));
    const given = fc
      .record(
        {
          name,
          mac: digitsMac,
          user: owner,
          control: path,
          inspect: fc.boolean(),
          arp: fc.constantFrom('answer', 'off'),
          ports: fc.uniqueArray(port, { selector: portLabel, minLength: 1, maxLength: 3 }),
        },
        { requiredKeys: ['ports'] },
      )
      .map((config) => {
        const bound = config.ports.map((one, index) => ({
          address: `192.0.2.${index + 1}`,
          mac: '02:00:00:00:00:01',
          port: portLabel(one),
        }));
        const stations = config.ports.map((one, index) => ({
          mac: `02:00:00:00:01:0${index}`,
          port: portLabel(one),
          kind: index % 2 === 0 ? ('static' as const) : ('sticky' as const),
        }));
        return completeConfig([config, { neighbours: bound, stations }], false);
      });
    fc.assert(
      fc.property(given, (config) => {
        const text = formatConfigFile(configDocument(config, PORT_KINDS));
        expect(text).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]*$/mu);
        expect(text).toBe(text.replace(/[^\P{C}\n]/gu, ''));
        writeFileSync(file, text);
        expect(completeConfig([readConfigFile(file, PORT_KINDS)], true)).toEqual(config);
        const read = readFileValues(parse(text, { version: '1.1' }), PORT_KINDS);
        expect(completeConfig('given' in read ? [read.given] : [], true)).toEqual(config);
      }),
      { numRuns: 500 },
    );
  });

  test('accepts the same ports as mappings and as text', () => {
    fc.assert(
      fc.property(fc.uniqueArray(portSpec, { selector: ({ name }) => name }), (ports) => {
        writeFileSync(file, stringify({ ports }));
        expect(readConfigFile(file, PORT_KINDS)).toEqual({ ports });
        writeFileSync(
          file,
          JSON.stringify({ ports: ports.map((port) => PORT_KINDS.format(port)) }),
        );
        expect(readConfigFile(file, PORT_KINDS)).toEqual({ ports });
      }),
      { numRuns: 50 },
    );
  });
});
