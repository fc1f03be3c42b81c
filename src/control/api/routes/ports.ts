/** Ports, while frames flow. */

import { z } from 'zod';
import { textRule } from '../../../config/rule';
import { textField } from '../../../config/rule-schema';
import type { PortSet } from '../../port-set';
import { Refusal } from '../../refusal';
import type { TapPort } from '../../tap-port';
import type { TapSwitch } from '../../tap-switch';
import type { Api } from '../app';
import { type PortBody, portShape } from '../shapes';

/** What a port is called; whether there is one of that name is another question. */
export const portName = textRule('a port: NAME, or NAME@NETNS', (text) => text || undefined);

const onePort = z.object({ port: textField(portName) });

export function portRoutes(api: Api, { ports }: TapSwitch): void {
  api.get(
    '/v1/ports',
    { schema: { summary: 'All ports', response: { 200: z.array(portShape) } } },
    () => ports.all.map(portBody),
  );
  api.get(
    '/v1/ports/:port',
    { schema: { summary: 'One port', params: onePort, response: { 200: portShape } } },
    ({ params }) => portBody(findPort(ports, params.port)),
  );
}

/** @throws Refusal where there is no such port. */
export function findPort(ports: PortSet, label: string): TapPort {
  const port = ports.find(label);
  if (port !== undefined) return port;
  const labels = ports.all.map((known) => known.label).join(', ');
  throw new Refusal('not-found', `no port ${label}; the ports are: ${labels}`);
}

export function portBody({ id, label, state, mtuBytes, hasVnetHeader }: TapPort): PortBody {
  return { id, port: label, state, mtu: mtuBytes, offload: hasVnetHeader };
}
