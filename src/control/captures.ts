/** Running captures of one switch, as the control plane holds them. Each is a stream of pcapng. */

import { CaptureStream, epochNs } from '../capture/capture-stream';
import type { CaptureSetup, InterfaceCounts } from '../capture/capture-writer';
import { makeRing } from '../frame/ring';
import type { DataPlane } from '../dataplane/data-plane';
import { packageVersion } from '../system/package-version';

export type CaptureRequest = Omit<CaptureSetup, 'ring' | 'epochNs'>;

export class RunningCaptures {
  private readonly streams = new Map<number, CaptureStream>();
  private lastId = 0;

  constructor(private readonly dataPlane: DataPlane) {
    dataPlane.on('capture', (id) => this.streams.get(id)?.wake());
    dataPlane.on('captureComplete', (id, counts: readonly InterfaceCounts[]) =>
      this.streams.get(id)?.complete(counts),
    );
  }

  /** Ends all captures: no more frames come. */
  end(): void {
    for (const stream of this.streams.values()) stream.complete([]);
  }

  /** Starts a capture; it ends when its stream does. */
  async start(request: CaptureRequest): Promise<CaptureStream> {
    const { dataPlane } = this;
    const id = ++this.lastId;
    const ring = makeRing();
    const stream = new CaptureStream({
      ring,
      application: `tapswitch ${packageVersion()}`,
      threadId: dataPlane.threadId,
      stop: () => {
        this.streams.delete(id);
        dataPlane.order({ kind: 'stop-capture', capture: id }).catch(() => undefined);
      },
    });
    this.streams.set(id, stream);
    const setup = { ...request, ring, epochNs: epochNs() };
    await dataPlane.order({ kind: 'start-capture', capture: id, setup });
    return stream;
  }
}
