"""One DHCP exchange, reduced to the messages that a switch must see (RFC 2131):

dhcp_grant.py request INTERFACE CLIENT-MAC
    asks for an address.
dhcp_grant.py grant INTERFACE CLIENT-MAC SERVER-MAC SERVER-IP CLIENT-IP
    acknowledges an address to the client, for an hour.
"""

import sys

from scapy.all import BOOTP, DHCP, IP, UDP, Ether, mac2str, sendp

role, interface, client_mac, *rest = sys.argv[1:]
bootp = {"chaddr": mac2str(client_mac), "xid": 1}
if role == "request":
    packet = (
        Ether(src=client_mac, dst="ff:ff:ff:ff:ff:ff")
        / IP(src="0.0.0.0", dst="255.255.255.255")
        / UDP(sport=68, dport=67)
        / BOOTP(op=1, **bootp)
        / DHCP(options=[("message-type", "request"), "end"])
    )
else:
    server_mac, server_ip, client_ip = rest
    packet = (
        Ether(src=server_mac, dst=client_mac)
        / IP(src=server_ip, dst=client_ip)
        / UDP(sport=67, dport=68)
        / BOOTP(op=2, yiaddr=client_ip, siaddr=server_ip, **bootp)
        / DHCP(
            options=[
                ("message-type", "ack"),
                ("server_id", server_ip),
                ("lease_time", 3600),
                "end",
            ]
        )
    )
sendp(packet, iface=interface, verbose=False)
