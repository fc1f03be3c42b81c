/**
 * A kind of port that is nobody's but the tests': a descriptor that the test holds the other end of.
 * It shows what a kind has to say, and that nothing else has to know of it.
 */

import type { PortSettings, PortSpec } from '../../src/config/values/port-spec';
import { onOff, textRule, wholeNumber } from '../../src/config/values/rule';
import type { PortTransport } from '../../src/dataplane/messages';
import {
  Port,
  type PortChange,
  type PortContext,
  type PortKind,
  type PortOrigin,
} from '../../src/ports/port';

const DEFAULT_MTU = 1500;

export class WireKind implements PortKind {
  readonly name = 'wire';
  readonly placeholder = 'NAME';
  readonly help = 'the end of a wire whose other end a test holds';
  readonly hasNetns = false;
  readonly nameRule = textRule('the name of a wire', (text) =>
    /^[a-z]+$/.test(text) ? text : undefined,
  );
  readonly keys = {
    mtu: { rule: wholeNumber({ from: 100, to: 9000 }), placeholder: 'N', help: 'bytes' },
    colour: {
      rule: textRule('a colour', (text) => text || undefined),
      placeholder: 'COLOUR',
      help: 'of the wire',
    },
    spare: { rule: onOff, isFlag: true, help: 'a second wire', when: 'opened' },
  } as const;
  /** Ports that are open, by name. */
  readonly wires = new Map<string, WirePort>();

  /** @param fds the descriptors of the switch's ends, by the name of the wire */
  constructor(private readonly fds: ReadonlyMap<string, number>) {}

  open(spec: PortSpec, context: PortContext): WirePort {
    const fd = this.fds.get(spec.name);
    if (fd === undefined) throw new Error(`there is no wire "${spec.name}"; lay one`);
    const port = new WirePort(this, spec, context, fd);
    this.wires.set(spec.name, port);
    return port;
  }

  identity({ name }: PortSpec): string {
    return `wire ${name}`;
  }

  explain(_: PortSpec, error: unknown): string {
    return (error as Error).message;
  }
}

export class WirePort extends Port {
  /** Whether the switch has closed the end of the wire. */
  isClosed = false;
  readonly origin: PortOrigin = 'attached';
  private seenMtu: number;
  private joined: number | undefined;

  constructor(
    kind: PortKind,
    spec: PortSpec,
    private readonly context: PortContext,
    private fd: number | undefined,
  ) {
    super(context.id, kind, spec);
    this.mtuBytes = mtuOf(spec);
    this.seenMtu = this.mtuBytes;
  }

  get transport(): PortTransport | undefined {
    return this.fd === undefined ? undefined : { fd: this.fd, kind: 'device', framing: 'plain' };
  }

  /** Has the wire cut, or joined again. */
  cut(): void {
    this.fd = undefined;
    this.context.changed();
  }

  join(fd: number): void {
    this.joined = fd;
    this.context.changed();
  }

  look(): PortChange {
    const state = this.fd === undefined ? 'down' : 'up';
    const change: PortChange = {
      ...(state !== this.state && { state, isLost: state === 'down' }),
      ...(this.seenMtu !== this.mtuBytes && { mtuBytes: this.mtuBytes }),
    };
    this.state = state;
    this.seenMtu = this.mtuBytes;
    return change;
  }

  override reopen(): boolean {
    if (this.fd !== undefined || this.joined === undefined) return false;
    this.fd = this.joined;
    this.joined = undefined;
    return true;
  }

  release(): () => Promise<void> {
    this.fd = undefined;
    return () => {
      this.isClosed = true;
      return Promise.resolve();
    };
  }

  protected change(settings: PortSettings): void {
    if (settings['colour'] === 'plaid') throw new Error('no wire is plaid; choose another colour');
    if (settings['mtu'] !== undefined) this.mtuBytes = settings['mtu'] as number;
  }
}

function mtuOf(spec: PortSpec): number {
  return (spec['mtu'] as number | undefined) ?? DEFAULT_MTU;
}
