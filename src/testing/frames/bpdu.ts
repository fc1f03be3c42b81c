/** Bridge protocol data units. Source: IEEE 802.1D-2004 9.3. */

import { join, macField, numberField } from './bytes';
import type { LinkFields } from './ethernet';
import { link } from './ethernet';

export interface BridgeIdentifier {
  /** 0 to 65535; 32768 unless given. */
  readonly priority?: number;
  readonly mac: string;
}

export interface BpduFields extends LinkFields {
  /** Destination MAC; 01:80:c2:00:00:00 unless given. */
  readonly to?: string;
  /** `rst` unless given. A `tcn` has no further fields. */
  readonly type?: 'config' | 'tcn' | 'rst';
  /** The root; the sender, `from`, unless given. */
  readonly root?: BridgeIdentifier;
  readonly rootCost?: number;
  /** The sender; `from` unless given. */
  readonly bridge?: BridgeIdentifier;
  /** Priority and number in one; 0x8001 unless given. */
  readonly portId?: number;
  /** Flags as in the BPDU. */
  readonly flags?: number;
  /** Seconds. */
  readonly messageAge?: number;
  readonly maxAge?: number;
  readonly helloTime?: number;
  readonly forwardDelay?: number;
}

const BRIDGE_GROUP = '01:80:c2:00:00:00';
const LLC = [0x42, 0x42, 0x03];
const TYPES = { config: [0, 0, 0, 0], tcn: [0, 0, 0, 0x80], rst: [0, 0, 2, 2] } as const;
const DEFAULT_PRIORITY = 0x8000;
const DEFAULT_PORT = 0x8001;
const UNITS_PER_SECOND = 256;

export function bpdu(fields: BpduFields): Uint8Array {
  const { type = 'rst' } = fields;
  const unit = join(LLC, TYPES[type], type === 'tcn' ? [] : priorityVector(fields, type));
  return link(fields, unit.length, unit, BRIDGE_GROUP);
}

function priorityVector(fields: BpduFields, type: 'config' | 'rst'): Buffer {
  const sender = { mac: fields.from };
  const seconds = (name: string, value: number): Uint8Array =>
    numberField(name, Math.round(value * UNITS_PER_SECOND), 2);
  return join(
    numberField('flags', fields.flags ?? 0, 1),
    identifier('root', fields.root ?? fields.bridge ?? sender),
    numberField('rootCost', fields.rootCost ?? 0, 4),
    identifier('bridge', fields.bridge ?? sender),
    numberField('portId', fields.portId ?? DEFAULT_PORT, 2),
    seconds('messageAge', fields.messageAge ?? 0),
    seconds('maxAge', fields.maxAge ?? 20),
    seconds('helloTime', fields.helloTime ?? 2),
    seconds('forwardDelay', fields.forwardDelay ?? 15),
    type === 'rst' ? [0] : [],
  );
}

function identifier(name: string, { mac, priority = DEFAULT_PRIORITY }: BridgeIdentifier): Buffer {
  return join(numberField(name, priority, 2), macField(name, mac));
}
