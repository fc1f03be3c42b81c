/** The ICMP room: pings of the switch's own addresses, of both IP versions. */

import { typeOf } from '../frame/burst';
import type { Outbox } from '../frame/outbox';
import { type Room, type Wants, keepForSwitch } from '../frame/room';
import { CONSUMED, type Verdict } from '../frame/verdict';
import { ETHER_TYPE_IPV4 } from '../wire/ethernet';
import { isTcpOrUdp } from '../wire/ipv6';
import type { MacWords } from '../wire/mac';
import type { IcmpCounterSink } from './counters';
import { EchoResponder } from './echo';
import { EchoResponderIpv6 } from './echo-ipv6';
import type { AddressOwner } from './reply';

export interface IcmpOptions {
  /** MAC address of the switch. */
  readonly mac: MacWords;
  readonly ownIpv4: AddressOwner;
  readonly ownIpv6: AddressOwner;
  readonly counters: IcmpCounterSink;
}

export class Icmp implements Room {
  readonly wants: Wants = {
    types: [
      { etherType: 0x0800, isToSwitchOnly: true },
      {
        etherType: 0x86dd,
        isToSwitchOnly: true,
        wantsProtocol: (protocol) => !isTcpOrUdp(protocol),
      },
    ],
  };
  private readonly echo: EchoResponder;
  private readonly echoIpv6: EchoResponderIpv6;

  constructor({ mac, ownIpv4, ownIpv6, counters }: IcmpOptions) {
    this.echo = new EchoResponder(mac, ownIpv4, counters);
    this.echoIpv6 = new EchoResponderIpv6(mac, ownIpv6, counters);
  }

  /** Handles a received IP frame to the switch's own MAC. Its length is not yet checked. */
  receive(frame: number, outbox: Outbox): Verdict {
    const isIpv4 = typeOf(outbox.burst, frame) === ETHER_TYPE_IPV4;
    const verdict = (isIpv4 ? this.echo : this.echoIpv6).receive(frame, outbox);
    return verdict === CONSUMED ? keepForSwitch(outbox) : verdict;
  }
}
