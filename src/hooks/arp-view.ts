/** An ARP message for IPv4 over Ethernet (RFC 826), as hooks see it. The object is used again and again. */

import { ipBytes, ipv4Text, macText, wordsOfMac } from './field-text';
import { Cover, type FrameBytes } from './frame-bytes';
import { getU16 } from '../wire/ethernet';
import { macToBytes } from '../wire/mac';

const OPERATION = 6;
const SENDER_MAC = 8;
const SENDER_IP = 14;
const TARGET_MAC = 18;
const TARGET_IP = 24;

export class ArpView {
  constructor(private readonly bytes: FrameBytes) {}

  /** 1: request, 2: reply. */
  get operation(): number {
    return getU16(this.bytes.burst.u8, this.bytes.arp + OPERATION);
  }

  set operation(value: number) {
    this.bytes.putWord(this.bytes.arp + OPERATION, value, Cover.None);
  }

  get senderMac(): string {
    return macText(this.bytes, this.bytes.arp + SENDER_MAC);
  }

  set senderMac(mac: string) {
    this.putMac(SENDER_MAC, mac);
  }

  get senderIp(): string {
    return ipv4Text(this.bytes, this.bytes.arp + SENDER_IP);
  }

  set senderIp(address: string) {
    this.bytes.putBytes(this.bytes.arp + SENDER_IP, ipBytes(address, 4), Cover.None);
  }

  get targetMac(): string {
    return macText(this.bytes, this.bytes.arp + TARGET_MAC);
  }

  set targetMac(mac: string) {
    this.putMac(TARGET_MAC, mac);
  }

  get targetIp(): string {
    return ipv4Text(this.bytes, this.bytes.arp + TARGET_IP);
  }

  set targetIp(address: string) {
    this.bytes.putBytes(this.bytes.arp + TARGET_IP, ipBytes(address, 4), Cover.None);
  }

  private putMac(field: number, mac: string): void {
    const { hi16, lo32 } = wordsOfMac(mac);
    this.bytes.putBytes(
      this.bytes.arp + field,
      Uint8Array.from(macToBytes(hi16, lo32)),
      Cover.None,
    );
  }
}
