/**
 * Filters at the ingress of an interface (tc, qdisc clsact), for kernels that cannot attach a program
 * by descriptor. They stay when the process is killed: `removeRemains` takes them away.
 *
 * Source: linux/pkt_sched.h, linux/pkt_cls.h, linux/tc_act/tc_mirred.h; net/sched/cls_bpf.c,
 * cls_u32.c, act_mirred.c.
 */

import { RouteRefusal, ask } from './route';
import {
  Flag,
  Message,
  TRAFFIC_PART_BYTES,
  TrafficAttribute,
  type TrafficPart,
  decodeAttributes,
  decodeName,
  decodeTrafficPart,
  encodeAttribute,
  encodeMessage,
  encodeName,
  encodeTrafficPart,
  encodeU32,
} from './rtnetlink';

/** TC_H_CLSACT, and what lies beneath it: TC_H_MIN_INGRESS, TC_H_MIN_EGRESS. */
const CLSACT = 0xfffffff1;
const CLSACT_HANDLE = 0xffff0000;
const INGRESS = 0xfffffff2;
/** TC_H_ROOT. */
const ROOT = 0xffffffff;
const EGRESS = 0xfffffff3;
/** Priority of our filters. No other program would choose it, so that it identifies them. */
const PRIORITY = 0x7473;
/** ETH_P_ALL in network order. */
const ALL_PROTOCOLS = 0x0300;
const INFO = PRIORITY * 0x10000 + ALL_PROTOCOLS;

const BpfAttribute = { ClassId: 3, Fd: 6, Name: 7, Flags: 8 } as const;
/** The program's result is the verdict. */
const ACT_DIRECT = 1;
const U32Attribute = { Selector: 5, Actions: 7 } as const;
const ActionAttribute = { Kind: 1, Options: 2 } as const;
const MIRRED_PARAMETERS = 2;
/** TC_ACT_STOLEN: the frame has gone where it was sent. */
const STOLEN = 4;
const EGRESS_REDIRECT = 1;

const EEXIST = 17;
const ENOENT = 2;
const EINVAL = 22;

export interface Ingress {
  readonly index: number;
  readonly netnsPath: string | undefined;
}

/**
 * Has a loaded program decide about each frame.
 * @param classId number that the program finds in `tc_classid`, 16 bits; by default 0
 * @throws NativeError
 */
export function addProgramFilter(at: Ingress, programFd: number, classId = 0): void {
  addFilter(at, 'bpf', [
    encodeAttribute(BpfAttribute.ClassId, encodeU32(classId)),
    encodeAttribute(BpfAttribute.Fd, encodeU32(programFd)),
    encodeAttribute(BpfAttribute.Name, encodeName('tapswitch')),
    encodeAttribute(BpfAttribute.Flags, encodeU32(ACT_DIRECT)),
  ]);
}

/**
 * Has an interface queue nothing: a frame that was sent by it is with its reader, whichever processor sent
 * it. A kernel that refuses leaves it as it is.
 */
export function queueNothing(at: Ingress): void {
  const flags = Flag.Acknowledge | Flag.Create | Flag.Replace;
  const qdisc = { index: at.index, parent: ROOT };
  try {
    send(at, Message.NewQdisc, flags, qdisc, 'RTM_NEWQDISC', [
      encodeAttribute(TrafficAttribute.Kind, encodeName('noqueue')),
    ]);
  } catch (error) {
    if (!(error instanceof RouteRefusal)) throw error;
  }
}

/** Sends each frame out of another interface without eBPF: classifier u32, action mirred. */
export function addRedirectFilter(at: Ingress, toIndex: number): void {
  const action = encodeAttribute(
    1,
    Buffer.concat([
      encodeAttribute(ActionAttribute.Kind, encodeName('mirred')),
      encodeAttribute(
        ActionAttribute.Options,
        encodeAttribute(MIRRED_PARAMETERS, mirredParameters(toIndex)),
      ),
    ]),
  );
  addFilter(at, 'u32', [
    encodeAttribute(U32Attribute.Selector, selectorOfAll()),
    encodeAttribute(U32Attribute.Actions, action),
  ]);
}

/**
 * Takes away what a switch that was killed, or this one, has left at an interface: its filter, and
 * the qdisc where no other filter needs it.
 * @returns whether there was any
 */
export function removeRemains(at: Ingress): boolean {
  if (!filtersOf(at, INGRESS).some(isOurs)) return false;
  const filter = { index: at.index, parent: INGRESS, info: INFO };
  send(at, Message.DeleteFilter, Flag.Acknowledge, filter, 'RTM_DELTFILTER');
  const isNeeded = [INGRESS, EGRESS].some((parent) => filtersOf(at, parent).length > 0);
  const qdisc = { index: at.index, handle: CLSACT_HANDLE, parent: CLSACT };
  if (!isNeeded) send(at, Message.DeleteQdisc, Flag.Acknowledge, qdisc, 'RTM_DELQDISC');
  return true;
}

function addFilter(at: Ingress, kind: string, options: readonly Buffer[]): void {
  makeClsact(at);
  const flags = Flag.Acknowledge | Flag.Create | Flag.Exclusive;
  const filter = { index: at.index, parent: INGRESS, info: INFO };
  send(at, Message.NewFilter, flags, filter, 'RTM_NEWTFILTER', [
    encodeAttribute(TrafficAttribute.Kind, encodeName(kind)),
    encodeAttribute(TrafficAttribute.Options, Buffer.concat(options)),
  ]);
}

/** Somebody else's is as good: filters of several owners share it. */
function makeClsact(at: Ingress): void {
  const flags = Flag.Acknowledge | Flag.Create | Flag.Exclusive;
  const qdisc = { index: at.index, handle: CLSACT_HANDLE, parent: CLSACT };
  try {
    send(at, Message.NewQdisc, flags, qdisc, 'RTM_NEWQDISC', [
      encodeAttribute(TrafficAttribute.Kind, encodeName('clsact')),
    ]);
  } catch (error) {
    if (!(error instanceof RouteRefusal && error.errno === EEXIST)) throw error;
  }
}

interface Filter {
  readonly kind: string;
  readonly info: number;
}

/** The filters of one side; none where there is no clsact. */
function filtersOf(at: Ingress, parent: number): Filter[] {
  const request = encodeMessage(
    Message.GetFilter,
    Flag.Dump,
    encodeTrafficPart({ index: at.index, parent }),
  );
  try {
    return ask(request, 'RTM_GETTFILTER', subjectOf(at), at.netnsPath).map(({ body }) => ({
      kind: decodeName(
        decodeAttributes(body, TRAFFIC_PART_BYTES).get(TrafficAttribute.Kind) ?? Buffer.alloc(0),
      ),
      info: decodeTrafficPart(body).info,
    }));
  } catch (error) {
    const isNone = error instanceof RouteRefusal && [ENOENT, EINVAL].includes(error.errno);
    if (isNone) return [];
    throw error;
  }
}

function isOurs({ info }: Filter): boolean {
  return info === INFO;
}

/** `struct tc_mirred`: index, capabilities, action, two reference counts, what to do, interface. */
function mirredParameters(toIndex: number): Buffer {
  return Buffer.concat([0, 0, STOLEN, 0, 0, EGRESS_REDIRECT, toIndex].map(encodeU32));
}

/** `struct tc_u32_sel` with one key, four bytes, of which no bit is compared. */
function selectorOfAll(): Buffer {
  const TERMINAL = 1;
  const head = Buffer.alloc(16);
  head.writeUInt8(TERMINAL, 0);
  head.writeUInt8(1, 2);
  return Buffer.concat([head, Buffer.alloc(16)]);
}

function send(
  at: Ingress,
  type: number,
  flags: number,
  part: TrafficPart,
  syscall: string,
  attributes: readonly Buffer[] = [],
): void {
  const request = encodeMessage(type, flags, encodeTrafficPart(part), attributes);
  ask(request, syscall, subjectOf(at), at.netnsPath);
}

function subjectOf({ index }: Ingress): string {
  return `interface ${index}`;
}
