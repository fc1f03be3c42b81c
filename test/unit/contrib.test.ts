/** Files that are made from the sources for packagers and editors. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CONFIG_OPTIONS } from '../../src/config/schema';
import { contribFiles } from '../../src/contrib';
import { createProgram } from '../../src/tapctl/program';
import { leavesOf, pathOf } from '../../src/terminal/manual';

const files = contribFiles();
const file = (name: string): string => files[name] ?? '';

/** Text of a manual page, without the requests of man. */
function plain(page: string): string {
  return page.replaceAll('\\-', '-').replaceAll('\\&', '').replaceAll('\\e', '\\');
}

describe('the manual pages', () => {
  test('begin as man(7) requires', () => {
    expect(file('tapctl.1')).toMatch(
      /^\.TH TAPCTL 1 "" "tapswitch [\d.]+"\n\.SH NAME\ntapctl \\- /,
    );
    expect(file('tapswitch.8')).toMatch(/^\.TH TAPSWITCH 8 .*\n\.SH NAME\ntapswitch \\- /);
  });

  test('have every command of tapctl', () => {
    const page = plain(file('tapctl.1'));
    for (const command of leavesOf(createProgram())) {
      const names = [pathOf(command), ...command.aliases()].join('|');
      expect(`${page}\n`).toMatch(
        new RegExp(`^\\.TP\\n\\.B ${names.replace('|', '\\|')}( |$)`, 'm'),
      );
    }
  });

  test('have every option of the switch, and the other texts of its help', () => {
    const page = plain(file('tapswitch.8'));
    for (const { key } of CONFIG_OPTIONS) expect(page).toMatch(new RegExp(`^\\.B .*${key}`, 'm'));
    expect(page).toContain('.SH PORTS\n');
    expect(page).toContain('.SH EXIT STATUS\n');
  });

  test('fit 80 columns: lines that are laid out by hand stand further left if they are long', () => {
    for (const name of ['tapctl.1', 'tapswitch.8']) {
      const blocks = [...plain(file(name)).matchAll(/^\.nf\n\.in (\d+)\n([^]*?)\n\.in\n\.fi$/gm)];
      expect(blocks.length).toBe(file(name).match(/^\.nf$/gm)?.length);
      const lines = blocks.flatMap(([, column, text = '']) =>
        text.split('\n').map((line) => ' '.repeat(Number(column)) + line),
      );
      expect(lines.filter((line) => line.length > 80)).toEqual([]);
    }
  });

  test('have man fill sentences, and give a title no part of a sentence', () => {
    const page = plain(file('tapctl.1'));
    expect(page).toMatch(/^\.PP\nFilters use these words of tcpdump: host, net, port,/m);
    expect(page).toMatch(
      /^\.PP\nA hook is a module of JavaScript that decides about frames: docs/m,
    );
    expect(page).toMatch(
      /^\.PP\nEffects, as in tc-netem:\n\.nf\n\.in 4\ndelay TIME [^]*\.fi\n\.PP\nand words/m,
    );
    expect(page).toMatch(/^\.PP\nExamples:\n\.nf\n\.in \d+\ntapctl hook add/m);
    expect(plain(file('tapswitch.8'))).toMatch(/^\.SH OUTPUT\n\.nf\n\.in \d\nAs soon as/m);
  });

  test('are ASCII, for terminals without UTF-8', () => {
    // eslint-disable-next-line no-control-regex
    const foreign = /[^\x00-\x7f]/;
    for (const name of ['tapctl.1', 'tapswitch.8']) expect(file(name)).not.toMatch(foreign);
  });

  test('say what a flag means that the help shows as KEY=off', () => {
    const inverted = plain(file('tapswitch.8')).matchAll(/^([a-z-]+)=off *\n?(.*)/gm);
    const texts = new Map([...inverted].map(([, key = '', text = '']) => [key, text.trim()]));
    for (const key of ['learning', 'flood', 'mcast-flood', 'bcast-flood', 'neigh-suppress']) {
      expect([key, texts.get(key)]).toEqual([key, expect.stringMatching(/^whether /)]);
    }
  });

  test('name the files, and the pages to read next', () => {
    for (const name of ['tapctl.1', 'tapswitch.8']) {
      expect(plain(file(name))).toMatch(/^\.SH FILES\n\.TP\n\.I \/run\/tapswitch\/NAME\.sock$/m);
      expect(plain(file(name))).toMatch(/^\.SH SEE ALSO\ntap/m);
    }
  });

  test('have no line that man would take for a request', () => {
    const requests = /^\.(TH|SH|TP|B|I|PP|RS|RE|nf|fi|in)\b/;
    for (const name of ['tapctl.1', 'tapswitch.8']) {
      const lines = file(name).split('\n');
      expect(lines.filter((line) => /^[.']/.test(line) && !requests.test(line))).toEqual([]);
    }
  });
});

describe('the completion for bash', () => {
  /** Completions that bash would offer behind these words. */
  function offers(...words: string[]): string[] {
    return offersBeside(['tap0', 'eth0@red'], ...words);
  }

  function offersBeside(ports: readonly string[], ...words: string[]): string[] {
    const rows = ports.map((port) => `'${port} up'`).join(' ');
    const script = `${file('tapctl.bash')}
tapctl() { printf '%s\\n' 'PORT STATE' ${rows}; }
COMP_WORDS=(tapctl ${words.map((word) => `'${word}'`).join(' ')})
COMP_CWORD=${words.length}
_tapctl
printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr, status } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    return stdout.trim().split('\n');
  }

  test.each([
    ['a command', ['f'], ['fdb']],
    ['a command of a group', ['fdb', 'fl'], ['flush']],
    ['the other name of a command', ['fdb', 're'], ['replace']],
    ['the words of that', ['fdb', 'replace', 'x', 'st'], ['static', 'sticky']],
    ['a key of a port', ['port', 'set', 'tap0', 'mt'], ['mtu']],
    ['a keyword', ['fdb', 'show', 'd'], ['dev']],
    ['a port behind a keyword', ['fdb', 'show', 'dev', ''], ['tap0', 'eth0@red']],
    ['a port as an argument', ['port', 'del', 'e'], ['eth0@red']],
    ['an option', ['capture', '--sn'], ['--snaplen']],
    ['a command behind global options', ['--name', 'lab', 'ev'], ['events']],
  ])('offers %s', (_, words, offered) => {
    expect(offers(...words)).toEqual(offered);
  });

  test('quotes the name of a port, and runs nothing in it', () => {
    const ports = ['$(echo>&2)', '`id>&2`', 'a*', 'tap0'];
    expect(offersBeside(ports, 'fdb', 'show', 'dev', '')).toEqual([
      String.raw`\$\(echo\>\&2\)`,
      String.raw`\`id\>\&2\``,
      String.raw`a\*`,
      'tap0',
    ]);
    expect(offersBeside(ports, 'fdb', 'show', 'dev', '*')).toEqual(['']);
  });
});

describe('the completion of the switch', () => {
  test.each([
    ['--ag', '--ageing'],
    ['--metr', '--metrics'],
    ['l', 'lo'],
  ])('completes %s to %s', (typed, offered) => {
    const script = `${file('tapswitch.bash')}
COMP_WORDS=(tapswitch ${typed})
COMP_CWORD=1
_tapswitch
printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr, status } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout.trim().split('\n')).toContain(offered);
  });
});

describe('the schema of the configuration file', () => {
  const schema = JSON.parse(file('config.schema.json')) as {
    $schema: string;
    properties: Record<string, object>;
    additionalProperties: boolean;
  };

  test('has the keys of the switch, and no others', () => {
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(Object.keys(schema.properties).sort()).toEqual(
      [...CONFIG_OPTIONS.map(({ key }) => key), 'ports'].sort(),
    );
    expect(schema.additionalProperties).toBe(false);
  });

  test('describes every value', () => {
    for (const value of Object.values(schema.properties)) {
      expect(Object.keys(value)).not.toEqual([]);
    }
  });
});

describe('the systemd unit', () => {
  test('gives the switch the capabilities that its ports need, and its configuration', () => {
    const unit = readFileSync(join(__dirname, '../../contrib/tapswitch@.service'), 'utf8');
    expect(unit).toMatch(/^Type=notify$/m);
    expect(unit).toMatch(/^ExecReload=\/bin\/kill -HUP \$MAINPID$/m);
    for (const set of ['AmbientCapabilities', 'CapabilityBoundingSet']) {
      expect(unit).toContain(`\n${set}=CAP_NET_ADMIN CAP_NET_RAW CAP_BPF\n`);
    }
    expect(unit).toMatch(/^ExecStart=.* --name %i --config \/etc\/tapswitch\/%i\.yaml$/m);
  });
});
