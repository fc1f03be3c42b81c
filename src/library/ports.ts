/** The ports of the switch, for programs. */

import { type Duplex, pipeline } from 'node:stream';
import type { z } from 'zod';
import { type PortSpec, splitKind } from '../config/values/port-spec';
import { InvalidRequest } from '../control/invalid-request';
import {
  PortSettingsSchemas,
  addPorts,
  findPort,
  newPortSchema,
  onePort,
  portBody,
  removePort,
  setPort,
} from '../control/resources/ports';
import type { PortBody } from '../control/shapes';
import type { TapSwitch } from '../control/tap-switch';
import type { ScriptEnd } from '../ports/script-end';
import { SCRIPT_KIND, type ScriptKind } from '../ports/script-port';
import { RequestError } from '../system/request-error';
import type { Requests } from './requests';

/** A port as a mapping: its label under `port`, or its `kind`, `name` and `netns`; and keys of its kind. */
export type NewPort = PortSpec | (Readonly<Record<string, unknown>> & { readonly port: string });

/** Streams of the program that are joined to a script port, of any switch: two ports would share the frames of one. */
const joined = new WeakSet<Duplex>();

/** Ports. Errors: see `Switch`. */
export class Ports {
  private readonly schema: z.ZodType<PortSpec>;
  private readonly settings: PortSettingsSchemas;
  /** Removals of ports whose stream was closed, one after the other. */
  private removals: Promise<void> = Promise.resolve();

  /** @internal */
  constructor(
    private readonly requests: Requests,
    private readonly scripts: ScriptKind,
  ) {
    const { kinds } = requests.tapSwitch.ports;
    this.schema = newPortSchema(kinds);
    this.settings = new PortSettingsSchemas(kinds);
    for (const { kind, spec } of requests.tapSwitch.ports.all) {
      if (kind === scripts) this.follow(this.endOf(spec.name));
    }
  }

  /** All ports. */
  list(): Promise<PortBody[]> {
    return this.requests.ask((tapSwitch) =>
      tapSwitch.ports.all.map((port) => portBody(tapSwitch, port)),
    );
  }

  /** One port. @param label `[KIND:]NAME[@NETNS]` */
  get(label: string): Promise<PortBody> {
    return this.about(label, (tapSwitch, known) =>
      portBody(tapSwitch, findPort(tapSwitch.ports, known)),
    );
  }

  /**
   * Adds a port while frames flow.
   * @param port `[KIND:]NAME[@NETNS][,KEY[=VALUE]]...`, or a mapping
   * @returns the port; the first one, where the text means several (`stream:PATH,max=4`)
   */
  add(port: string | NewPort): Promise<PortBody>;
  /**
   * Adds a script port, and joins it to a stream of the program: what the stream gives is sent to the switch, and
   * what the switch sends is written to the stream. If either ends, both do.
   * @param stream a Duplex in object mode with a frame, as a Buffer or Uint8Array, in each chunk
   * @param port name of the port, and keys: `router,vlan=10`; `script0` or the next number unless given
   */
  add(stream: Duplex, port?: string): Promise<PortBody>;
  add(first: string | NewPort | Duplex, port?: string): Promise<PortBody> {
    if (isStream(first)) return this.requests.ask(() => this.join(first, port));
    return this.requests.run(this.schema, first ?? null, (_, spec) => this.open(spec));
  }

  /**
   * Adds a script port. Its other end is a stream of frames: `write` sends a frame to the switch, and reading
   * gives the frames that the switch sends, each in a Buffer of its own view. Destroying the stream removes the port.
   * @param port name of the port, and keys: `router,vlan=10`
   */
  script(port: string | NewPort): Promise<ScriptEnd> {
    const given = typeof port === 'string' ? ofScriptKind(port) : port;
    return this.requests.run(this.schema, given, async (_, spec) => {
      if (spec.kind !== SCRIPT_KIND) {
        throw invalid('port', `expected a script port, got one of the kind ${spec.kind ?? 'tap'}`);
      }
      await this.open(spec);
      return this.endOf(spec.name);
    });
  }

  /** The program's end of a script port that is open. @param label `script:NAME` */
  stream(label: string): Promise<ScriptEnd> {
    return this.about(label, ({ ports }, known) => {
      const { kind, spec } = findPort(ports, known);
      if (kind === this.scripts) return this.endOf(spec.name);
      throw new RequestError('conflict', `${known}: is no script port, and has no stream`);
    });
  }

  /** Changes settings of a port: `{ vlan: 10, isolated: true }`. All of them, or none. */
  set(label: string, settings: Readonly<Record<string, unknown>>): Promise<PortBody> {
    return this.about(label, async (tapSwitch, known) =>
      portBody(tapSwitch, await setPort(tapSwitch, known, this.settings, settings)),
    );
  }

  /** Removes a port. Its interface is deleted if the switch made it and it does not persist. */
  remove(label: string): Promise<void> {
    return this.about(label, removePort);
  }

  /** Carries out a request about one port. @throws InvalidRequest for a label that is no text */
  private about<R>(
    label: string,
    work: (tapSwitch: TapSwitch, label: string) => R | Promise<R>,
  ): Promise<R> {
    return this.requests.run(onePort, { port: label }, (tapSwitch, { port }) =>
      work(tapSwitch, port),
    );
  }

  /** Opens a port, and makes the program's end first where it is a script port. */
  private async open(spec: PortSpec): Promise<PortBody> {
    const end = spec.kind === SCRIPT_KIND ? await this.makeEnd(spec.name) : undefined;
    try {
      const [port] = await addPorts(this.requests.tapSwitch, spec);
      if (port === undefined) throw new Error(`${spec.name}: no port has been opened`);
      if (end !== undefined) this.follow(end);
      return portBody(this.requests.tapSwitch, port);
    } catch (error) {
      end?.destroy();
      throw error;
    }
  }

  /** Makes the program's end of a port. One of this name that is being destroyed is removed first. */
  private async makeEnd(name: string): Promise<ScriptEnd> {
    const old = this.scripts.find(name);
    if (old?.isEnding === true) await new Promise((resolve) => void old.once('close', resolve));
    return this.scripts.makeEnd(name);
  }

  private async join(stream: Duplex, given = this.freeName()): Promise<PortBody> {
    if (!stream.readableObjectMode || !stream.writableObjectMode) {
      throw invalid('stream', 'expected a Duplex in object mode, with a frame in each chunk');
    }
    if (stream.destroyed) throw invalid('stream', 'expected an open stream, got a destroyed one');
    if (joined.has(stream)) {
      throw new RequestError('conflict', 'stream: is joined to a port already; give another one');
    }
    joined.add(stream);
    const end = await this.script(given).catch((error: unknown) => {
      joined.delete(stream);
      throw error;
    });
    end.partner = stream;
    // An error of the stream is the program's to hear; it ends the port.
    const done = (): void => void end.destroy();
    pipeline(stream, end, done);
    pipeline(end, stream, done);
    return this.get(end.label);
  }

  private freeName(): string {
    let number = 0;
    while (this.scripts.find(`${SCRIPT_KIND}${number}`) !== undefined) number++;
    return `${SCRIPT_KIND}${number}`;
  }

  private endOf(name: string): ScriptEnd {
    return this.scripts.find(name) as ScriptEnd;
  }

  /** Removes the port when its stream is destroyed, and before it is closed. */
  private follow(end: ScriptEnd): void {
    const { requests } = this;
    const { ports } = requests.tapSwitch;
    const remove = (): Promise<void> =>
      requests.tapSwitch.change(async () => {
        const port = ports.find(end.label);
        if (port !== undefined && port.transport === end.transport) await ports.remove(port);
      });
    end.removePort = (): Promise<void> => {
      this.removals = this.removals.then(remove).catch((error: unknown) => {
        if (requests.isStopped) return;
        requests.tapSwitch.journal.log.error(`${end.label}: ${(error as Error).message}`);
      });
      return this.removals;
    };
  }
}

function isStream(value: unknown): value is Duplex {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<Duplex>).pipe === 'function' &&
    typeof (value as Partial<Duplex>).write === 'function'
  );
}

function ofScriptKind(text: string): string {
  return splitKind(text).kind === undefined ? `${SCRIPT_KIND}:${text}` : text;
}

function invalid(field: string, message: string): InvalidRequest {
  return new InvalidRequest([{ path: [field], message }]);
}
