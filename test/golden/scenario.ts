/**
 * Golden scenarios: frames into a switch, and frames that must leave by each port, as text.
 *
 *     # a comment, also behind a line
 *     switch reserved=strict arp=off address=192.0.2.254    once, if at all
 *     port red mtu=9000 offload                     one for each port, in order
 *     red > ffffffffffff 020000000001 0806 …        a frame, hex, from the host behind red
 *         0001 0800 …                               an indented line continues the line before
 *     green < =                                     comes out of green, unchanged
 *     blue < 020000000001 …                         comes out of blue, with these bytes
 *     red > [01 01 …] 0200…                         with a vnet header, ten bytes; zero unless given
 *     link blue down
 *     wait 300000                                   milliseconds
 *
 * The switch's MAC is 02:00:00:00:00:99. The outputs behind an input are complete: no other frame may leave by any port.
 */

import type { BridgeOptions } from '../../src/l2/bridge';
import { MemorySwitch } from '../support/memory-switch';
import { fromHex, toHex } from '../support/room-harness';
import { keyOf } from '../support/rooms';

const OWN_MAC = { hi16: 0x0002, lo32: 0x99000000 | 0 };
const ZERO_HEADER = '00'.repeat(10);
const STATEMENT = /^(\S+) ([<>]) (?:\[([^\]]*)\])?(.*)$/s;

/** One frame on one side of a port, hex. It has a vnet header only if the port has one. */
interface Frame {
  readonly port: string;
  readonly hex: string;
  readonly vnetHeader: string;
}

/** One input, and the frames that must leave because of it. */
export interface Step {
  /** Line of the input in the file, for the message of a failure. */
  readonly line: string;
  readonly expected: readonly Frame[];
  readonly actual: readonly Frame[];
}

/** Plays a scenario. @throws Error for an invalid line */
export function play(text: string): Step[] {
  const [setup, ...events] = statementsOf(text);
  const player = new Player(setup ?? []);
  return events.map(([line, ...expected]) => player.step(line ?? '', expected));
}

/** Removes comments, joins continued lines, and gathers the lines of each event. */
function statementsOf(text: string): string[][] {
  const joined = text.replace(/\s*#.*$/gm, '').replace(/\n+[ \t]+/g, ' ');
  const statements = joined.split('\n').filter((line) => line !== '');
  const groups: string[][] = [[]];
  for (const statement of statements) {
    const isEvent = / > |^(link|wait) /.test(statement);
    if (isEvent) groups.push([]);
    groups.at(-1)?.push(statement);
  }
  return groups;
}

class Player {
  private readonly sw: MemorySwitch;
  private readonly names: string[] = [];

  constructor(setup: readonly string[]) {
    const [options = {}] = setup.filter((line) => line.startsWith('switch ')).map(settingsOf);
    const bridgeOptions: BridgeOptions = {
      mac: OWN_MAC,
      reserved: oneOf(['br0', 'strict'], options['reserved']),
      arp: oneOf(['answer', 'direct', 'off'], options['arp']),
    };
    this.sw = new MemorySwitch(0, bridgeOptions);
    for (const line of setup.filter((each) => each.startsWith('port '))) {
      const { mtu = '1500', offload } = settingsOf(line);
      this.names.push(line.split(' ')[1] ?? '');
      this.sw.addPort({ mtuBytes: Number(mtu), takesOffloads: offload !== undefined });
    }
    const { address } = options;
    if (address !== undefined) this.sw.bridge.rooms.arp.addresses.add(keyOf(address), 0);
  }

  step(line: string, expected: readonly string[]): Step {
    const [word, name = '', value = ''] = line.split(' ');
    const sent = STATEMENT.test(line) ? this.frameOf(line) : undefined;
    if (sent !== undefined) {
      this.portOf(sent.port).sendOffloaded(fromHex(sent.vnetHeader), fromHex(sent.hex));
    } else if (word === 'wait') {
      this.sw.io.advance(Number(name));
    } else if (word === 'link') {
      this.portOf(name).setUp(value === 'up');
    } else {
      throw new Error(`not a statement: ${line}`);
    }
    const frames = expected.map((each) => this.frameOf(each, sent));
    // Ports are compared one by one: there is no order between them.
    const inOrder = this.names.flatMap((each) => frames.filter(({ port }) => port === each));
    return { line, expected: inOrder, actual: this.takeAll() };
  }

  private frameOf(statement: string, unchanged?: Frame): Frame {
    const [, port = '', , vnetHeader, hex = ''] = STATEMENT.exec(statement) ?? [];
    this.portOf(port);
    if (hex.trim() === '=' && unchanged !== undefined) return { ...unchanged, port };
    return {
      port,
      hex: toHex(fromHex(hex)),
      vnetHeader: toHex(fromHex(vnetHeader ?? ZERO_HEADER)),
    };
  }

  private takeAll(): Frame[] {
    return this.names.flatMap((port) => {
      const { receivedHeaders } = this.portOf(port);
      const headers = receivedHeaders.map(toHex);
      return this.portOf(port)
        .take()
        .map((bytes, index) => ({
          port,
          hex: toHex(bytes),
          vnetHeader: headers[index] ?? ZERO_HEADER,
        }));
    });
  }

  private portOf(name: string): ReturnType<MemorySwitch['port']> {
    const id = this.names.indexOf(name);
    if (id < 0) throw new Error(`no port ${name}`);
    return this.sw.port(id);
  }
}

/** One of the choices. @returns the value, or the first choice without a value. @throws Error for any other value */
function oneOf<T extends string>(choices: readonly [T, ...T[]], value: string | undefined): T {
  const chosen = choices.find((choice) => choice === (value ?? choices[0]));
  if (chosen === undefined) throw new Error(`${value}: none of ${choices.join(', ')}`);
  return chosen;
}

/** `switch a=1 b` → { a: '1', b: '' } */
function settingsOf(line: string): Record<string, string | undefined> {
  const settings = line.split(' ').slice(1);
  return Object.fromEntries(
    settings.map((setting) => {
      const [key = '', value = ''] = setting.split('=');
      return [key, value];
    }),
  );
}
