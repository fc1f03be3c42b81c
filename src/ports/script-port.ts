/**
 * The kind of port `script`: its other end is a stream in the program that runs the switch. The program makes
 * the stream before the port; the command line and the API cannot make one.
 *
 * The port is up as long as the stream is open. A stream that is destroyed ends the port, which the owner of the
 * kind removes.
 */

import type { PortKey } from '../config/port-grammar';
import { type PortSettings, type PortSpec, portLabel } from '../config/values/port-spec';
import { textRule } from '../config/values/rule';
import type { PortTransport } from '../dataplane/messages';
import { RequestError } from '../system/request-error';
import { Port, type PortChange, type PortContext, type PortKind, type PortOrigin } from './port';
import { ScriptEnd } from './script-end';
import { DEFAULT_MTU, MTU_KEY } from './socket-mtu';

export const SCRIPT_KIND = 'script';

const NAME_LENGTH_MAX = 64;

/** What the keys of a script port say. */
interface ScriptSettings extends PortSettings {
  readonly mtu?: number | undefined;
}

/** Script ports of one switch. */
export class ScriptKind implements PortKind {
  readonly name = SCRIPT_KIND;
  readonly placeholder = 'NAME';
  readonly help =
    'of a stream in the program that runs the switch, which alone can make such a port.';
  readonly nameRule = textRule(
    `a name of letters, digits, ".", "_" and "-", ${NAME_LENGTH_MAX} characters at most`,
    (text) => (/^[\w.-]+$/.test(text) && text.length <= NAME_LENGTH_MAX ? text : undefined),
  );
  readonly hasNetns = false;
  readonly keys = { mtu: MTU_KEY } satisfies Readonly<Record<string, PortKey>>;
  /** Ends by the names of their ports: those of open ports, and those whose port is about to be opened. */
  private readonly ends = new Map<string, ScriptEnd>();

  /** @returns the end of a port, open or about to be opened */
  find(name: string): ScriptEnd | undefined {
    return this.ends.get(name);
  }

  /**
   * Makes the program's end of a port. The port is opened afterwards, or the end destroyed.
   * @throws RequestError where there is such a port already; NativeError without a free descriptor
   */
  makeEnd(name: string): ScriptEnd {
    const label = portLabel({ kind: this.name, name });
    if (this.ends.has(name)) {
      const message = `${label} is a port of this switch already; give another name`;
      throw new RequestError('conflict', message, 'ERR_PORT_EXISTS');
    }
    const end = new ScriptEnd(label);
    this.ends.set(name, end);
    end.once('close', () => this.forget(name, end));
    return end;
  }

  /** Destroys all ends, those without a port among them. */
  destroyEnds(): void {
    for (const end of [...this.ends.values()]) end.destroy();
  }

  open(spec: PortSpec, context: PortContext): Port {
    const end = this.ends.get(spec.name);
    if (end === undefined) {
      throw new Error('only the program that runs the switch can make a script port');
    }
    return new ScriptPort(this, spec, context, end, () => this.forget(spec.name, end));
  }

  identity({ name }: PortSpec): string {
    return `script ${name}`;
  }

  explain(_: PortSpec, error: unknown): string {
    return (error as Error).message;
  }

  private forget(name: string, end: ScriptEnd): void {
    if (this.ends.get(name) === end) this.ends.delete(name);
  }
}

class ScriptPort extends Port {
  readonly origin: PortOrigin = 'opened';
  private seenMtu: number;

  constructor(
    kind: PortKind,
    spec: PortSpec & ScriptSettings,
    context: PortContext,
    private readonly stream: ScriptEnd,
    private readonly ended: () => void,
  ) {
    super(context.id, kind, spec);
    this.mtuBytes = spec.mtu ?? DEFAULT_MTU;
    this.seenMtu = this.mtuBytes;
  }

  get transport(): PortTransport {
    return this.stream.transport;
  }

  override get isTroubled(): boolean {
    return this.problem !== undefined;
  }

  refresh(): PortChange {
    const hasChanged = this.mtuBytes !== this.seenMtu;
    this.seenMtu = this.mtuBytes;
    return hasChanged ? { mtuBytes: this.mtuBytes } : {};
  }

  release(): () => Promise<void> {
    this.stream.unplug();
    this.ended();
    return () => Promise.resolve();
  }

  protected change({ mtu }: ScriptSettings): void {
    this.mtuBytes = mtu ?? this.mtuBytes;
  }
}
