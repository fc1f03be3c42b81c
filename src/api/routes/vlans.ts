/** The VLANs of the ports, in the words of `bridge vlan`. */

import { z } from 'zod';
import { type Rule, expected, onOff, textRule } from '../../config/values/rule';
import { field, mapping, textField } from '../../config/rule-schema';
import { canonical, formatVlanList, parseVlanList, vidList } from '../../config/values/vlan-list';
import type { TapSwitch } from '../../control/tap-switch';
import type { PortVlan } from '../../l2/vlan-table';
import { NO_VLAN } from '../../wire/vlan';
import type { Port } from '../../ports/port';
import { portVlans, vlanKeysOf, withoutVlans } from '../../ports/vlan-keys';
import { RequestError } from '../../system/request-error';
import type { Api } from '../api';
import { NO_BODY } from '../openapi';
import { InvalidRequest } from '../problem';
import { type PortVlansBody, portVlansShape } from '../shapes';
import { findPort, portName } from './ports';

const NO_CONTENT = 204;

const WHAT = 'a VID from 1 to 4094 or a range, such as 10 or 10-20';
const vidRangeText = textRule(WHAT, (text) => {
  if (text.includes('+')) return undefined;
  return parseVlanList(vidList.fromText(text))[0];
});
/** A VID, as a number or as text, or a range. */
const vidRange: Rule<PortVlan> = {
  fromText: vidRangeText.fromText,
  fromValue: (value) => {
    if (typeof value !== 'number' && typeof value !== 'string') throw expected(WHAT, value);
    return vidRangeText.fromText(String(value));
  },
  schema: { type: ['integer', 'string'], description: WHAT },
};

export function vlanRoutes(api: Api, tapSwitch: TapSwitch): void {
  const { ports } = tapSwitch;
  const vlansOf = (port: Port): readonly PortVlan[] =>
    portVlans((key) => port.holds(key)) ?? defaultVlans(tapSwitch.config.vlanDefaultPvid);
  api.get(
    '/v1/vlans',
    {
      schema: {
        operationId: 'listVlans',
        summary: 'The VLANs of the ports',
        querystring: mapping(
          { port: textField(portName).optional() },
          { what: 'a query', keyIs: 'parameter' },
        ),
        response: { 200: z.array(portVlansShape) },
      },
    },
    ({ query: { port } }) => {
      const wanted = port === undefined ? ports.all : [findPort(ports, port)];
      return wanted.map((one) => portVlansBody(one, vlansOf(one)));
    },
  );
  api.post(
    '/v1/vlans',
    {
      schema: {
        operationId: 'addVlans',
        summary: 'Make a port a member of VLANs; a VID that it has takes the new flags',
        body: mapping(
          {
            port: field(portName),
            vid: field(vidRange),
            pvid: field(onOff).optional(),
            untagged: field(onOff).optional(),
          },
          { what: 'a mapping', keyIs: 'key' },
        ).meta({ id: 'NewVlans' }),
        response: { [NO_CONTENT]: NO_BODY },
      },
    },
    async ({ body }, reply) => {
      const { vid, pvid = false, untagged = false } = body;
      if (pvid && vid.vidEnd !== undefined) {
        throw new InvalidRequest([
          { path: ['pvid'], message: 'one VID can be the PVID, no range' },
        ]);
      }
      await tapSwitch.change(() => {
        const port = findPort(ports, body.port);
        const entry = { ...vid, ...(pvid && { pvid }), ...(untagged && { untagged }) };
        return setVlans(tapSwitch, port, [...withoutPvid(vlansOf(port), pvid), entry]);
      });
      return reply.code(NO_CONTENT).send();
    },
  );
  api.delete(
    '/v1/vlans',
    {
      schema: {
        operationId: 'removeVlans',
        summary: 'End the membership of a port in VLANs',
        querystring: mapping(
          { port: textField(portName), vid: textField(vidRange) },
          { what: 'a query', keyIs: 'parameter' },
        ),
        response: { [NO_CONTENT]: NO_BODY },
      },
    },
    async ({ query: { port: label, vid } }, reply) => {
      await tapSwitch.change(() => {
        const port = findPort(ports, label);
        const before = vlansOf(port);
        const after = withoutVlans(before, vid.vid, vid.vidEnd ?? vid.vid);
        if (formatVlanList(after) === formatVlanList(canonical(before))) {
          const vlan = formatVlanList([vid]);
          throw new RequestError('not-found', `${port.label} is no member of VLAN ${vlan}`);
        }
        return setVlans(tapSwitch, port, after);
      });
      return reply.code(NO_CONTENT).send();
    },
  );
}

/** Sets the VLANs of a port, and tells the journal. */
async function setVlans(
  { ports, journal }: TapSwitch,
  port: Port,
  vlans: readonly PortVlan[],
): Promise<void> {
  await ports.set(port, vlanKeysOf(vlans));
  const now = portVlans((key) => port.holds(key)) ?? [];
  journal.note('port-vlans', { port: port.label, vlans: formatVlanList(now) });
}

/** The VLANs without the PVID's flag, if another is about to become the PVID. */
function withoutPvid(vlans: readonly PortVlan[], isMoving: boolean): PortVlan[] {
  return vlans.map(({ pvid, ...rest }) => (pvid === true && !isMoving ? { ...rest, pvid } : rest));
}

function defaultVlans(vid: number): PortVlan[] {
  return vid === NO_VLAN ? [] : [{ vid, pvid: true, untagged: true }];
}

function portVlansBody({ label }: Port, vlans: readonly PortVlan[]): PortVlansBody {
  return {
    port: label,
    ifname: label,
    vlans: vlans.map(({ vid, vidEnd, pvid, untagged }) => {
      const flags = [
        ...(pvid === true ? ['PVID'] : []),
        ...(untagged === true ? ['Egress Untagged'] : []),
      ];
      return {
        vlan: vid,
        ...(vidEnd !== undefined && vidEnd !== vid && { vlanEnd: vidEnd }),
        ...(flags.length > 0 && { flags }),
      };
    }),
  };
}
