/** A running switch, for the program that started it. The operations and shapes are those of the control API. */

import { EventEmitter } from 'node:events';
import { configDocument } from '../config/document';
import { noSuch } from '../config/values/suggest';
import { InvalidRequest } from '../control/invalid-request';
import { bridgeBody } from '../control/resources/bridge';
import { captureOptions, captureRequest } from '../control/resources/capture';
import { spanningTreeBody } from '../control/resources/spanning-tree';
import { portFilter, readStats } from '../control/resources/stats';
import { trace, tracedFrame } from '../control/resources/trace';
import type { BridgeBody, StatsBody, StpBody, TraceBody } from '../control/shapes';
import type { TapSwitch } from '../control/tap-switch';
import type { EventOf } from '../journal/event-fields';
import { EVENT_NAMES, type EventName } from '../journal/events';
import type { ScriptKind } from '../ports/script-port';
import { asyncDispose } from '../system/async-dispose';
import { Addresses } from './addresses';
import { Capture, type CaptureOptions } from './capture';
import { EventQueue } from './event-queue';
import { Groups } from './groups';
import { Hooks } from './hooks';
import { Impairments } from './impairments';
import { Mirrors } from './mirrors';
import { Neighbours } from './neighbours';
import { Ports } from './ports';
import { Requests } from './requests';
import { Stations } from './stations';
import { Vlans } from './vlans';

/** Events by name, and `error`: the data plane has failed, and the switch no longer works. */
export type SwitchEvents = { [E in EventName]: [event: EventOf<E>] } & { error: [error: Error] };

/** A frame whose path is traced. */
export interface TraceOptions {
  /** Port at which it would come in. */
  readonly port: string;
  /** The frame, or its bytes as hexadecimal digits. */
  readonly frame: Uint8Array | string;
  /** VID of a tag that is added. */
  readonly vlan?: number | undefined;
}

/**
 * A running switch. `startSwitch` makes it.
 *
 * Each operation rejects with an error that has a `code`:
 * - `ERR_INVALID_VALUE` (InvalidRequest): a wrong value; `errors` has the path of each;
 * - `ERR_NO_SUCH_PORT`, `ERR_NOT_FOUND` (RequestError): there is no such port, or no such entry;
 * - `ERR_PORT_EXISTS`, `ERR_CONFLICT` (RequestError): the state of the switch forbids it;
 * - `ERR_BUSY` (RequestError): too many changes are under way; try again;
 * - `ERR_SWITCH_STOPPED` (RequestError): the switch has stopped;
 * - `ERR_REFUSED` (StartError): the system refuses, for example to open a port.
 *
 * It has changed nothing then.
 */
export class Switch extends EventEmitter<SwitchEvents> implements AsyncDisposable {
  /** Name of the bridge in logs and tables. */
  readonly name: string;
  readonly ports: Ports;
  readonly stations: Stations;
  readonly neighbours: Neighbours;
  readonly addresses: Addresses;
  readonly vlans: Vlans;
  readonly mirrors: Mirrors;
  readonly impairments: Impairments;
  readonly hooks: Hooks;
  readonly groups: Groups;
  private readonly requests: Requests;
  private readonly queues = new Set<EventQueue>();
  private observing: (() => void) | undefined;
  private stopping: Promise<void> | undefined;

  /** @internal */
  constructor(
    private readonly tapSwitch: TapSwitch,
    scripts: ScriptKind,
  ) {
    super();
    const requests = new Requests(tapSwitch);
    this.name = tapSwitch.config.name;
    this.requests = requests;
    this.ports = new Ports(requests, scripts);
    this.stations = new Stations(requests);
    this.neighbours = new Neighbours(requests);
    this.addresses = new Addresses(requests);
    this.vlans = new Vlans(requests);
    this.mirrors = new Mirrors(requests);
    this.impairments = new Impairments(requests);
    this.hooks = new Hooks(requests);
    this.groups = new Groups(requests);
    tapSwitch.on('failed', (error) => this.emit('error', error));
    (this as unknown as EventEmitter).on('newListener', (name: unknown) => this.prepare(name));
  }

  /** An overview of the bridge: options, ports, totals. */
  overview(): Promise<BridgeBody> {
    return this.requests.ask(bridgeBody);
  }

  /** The running state in the form of a configuration file, which `startSwitch` takes. */
  config(): Promise<Readonly<Record<string, unknown>>> {
    return this.requests.ask(({ config, ports }) =>
      configDocument(
        config,
        ports.kinds,
        ports.all.map(({ namedSpec }) => namedSpec),
      ),
    );
  }

  /** Counters of the ports and in total, and every drop by its reason. */
  stats(query?: { readonly port?: string | undefined }): Promise<StatsBody> {
    return this.requests.run(portFilter.value, query, readStats);
  }

  /** State of the spanning tree. */
  spanningTree(): Promise<StpBody> {
    return this.requests.ask(spanningTreeBody);
  }

  /** The path that a frame would take, and why. Nothing is sent or learned. */
  trace(options: TraceOptions): Promise<TraceBody> {
    return this.requests.run(tracedFrame, options, async (tapSwitch, frame) => {
      const { steps, egress, drops } = await trace(tapSwitch, frame);
      return { steps: [...steps], egress: [...egress], drops: drops.map((drop) => ({ ...drop })) };
    });
  }

  /** Starts a capture of frames. It misses none from the moment on at which this resolves. */
  capture(options?: CaptureOptions): Promise<Capture> {
    return this.requests.run(captureOptions, options, async (tapSwitch, { ports, ...wanted }) => {
      const request = captureRequest(tapSwitch, { port: ports, ...wanted });
      return new Capture(await tapSwitch.capture(request));
    });
  }

  /**
   * Events from now on, as an iteration. It ends when the loop is left, and with the switch.
   * @throws RequestError `ERR_SWITCH_STOPPED`
   */
  events(): EventQueue {
    this.requests.requireRunning();
    const queue = new EventQueue(this.tapSwitch.journal, () => this.queues.delete(queue));
    this.queues.add(queue);
    return queue;
  }

  /**
   * Stops forwarding and closes the ports. Captures, iterations and script ports end. Further calls wait for the
   * first one.
   */
  stop(): Promise<void> {
    this.requests.isStopped = true;
    this.stopping ??= this.tapSwitch.stop().finally(() => {
      this.observing?.();
      for (const queue of this.queues) queue.end();
    });
    return this.stopping;
  }

  /** Stops the switch at the end of `await using`. */
  [asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Listens to the switch when the first listener comes. @throws InvalidRequest for an event that does not exist */
  private prepare(name: unknown): void {
    if (name === 'error' || name === 'newListener' || name === 'removeListener') return;
    if (!EVENT_NAMES.includes(name as EventName)) {
      const message = noSuch('event', String(name), EVENT_NAMES);
      throw new InvalidRequest([{ path: [String(name)], message }]);
    }
    this.observing ??= this.tapSwitch.journal.observe((event) => this.tell(event as EventOf));
  }

  /** Calls the listeners of an event. An exception of one is the program's: neither the switch nor others get it. */
  private tell(event: EventOf): void {
    for (const listener of this.rawListeners(event.event)) {
      try {
        Reflect.apply(listener, this, [event]);
      } catch (error) {
        process.nextTick(() => {
          throw error;
        });
      }
    }
  }
}
