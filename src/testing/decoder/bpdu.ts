/** BPDUs behind LLC. Source: IEEE 802.1D-2004 9.3. */

import type { BridgeIdentifier } from '../frames/bpdu';
import type { DecodedBpdu } from './decoded';
import type { Reader } from './reader';

const LLC = Buffer.from([0x42, 0x42, 0x03]);
const TYPES: Readonly<Record<number, 'config' | 'tcn' | 'rst'>> = {
  0: 'config',
  0x80: 'tcn',
  2: 'rst',
};
const UNITS_PER_SECOND = 256;

/** @returns nothing for a frame with other LLC */
export function decodeBpdu(reader: Reader): { bpdu?: DecodedBpdu } {
  if (reader.left < LLC.length || !reader.take(LLC.length).equals(LLC)) return {};
  // The protocol identifier and the version.
  reader.take(3);
  const number = reader.number(1);
  const type = TYPES[number];
  if (type === undefined || type === 'tcn') return { bpdu: { type: type ?? number } };
  const seconds = (): number => reader.number(2) / UNITS_PER_SECOND;
  return {
    bpdu: {
      type,
      flags: reader.number(1),
      root: identifier(reader),
      rootCost: reader.number(4),
      bridge: identifier(reader),
      portId: reader.number(2),
      messageAge: seconds(),
      maxAge: seconds(),
      helloTime: seconds(),
      forwardDelay: seconds(),
    },
  };
}

function identifier(reader: Reader): Required<BridgeIdentifier> {
  return { priority: reader.number(2), mac: reader.mac() };
}
