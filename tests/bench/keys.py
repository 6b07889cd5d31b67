"""Keys as telephones send them (RFC 4733): packets for a socket, and the same packets as a pcap file for SIPp."""

import struct
from pathlib import Path

VOICE_PAYLOAD = 8
EVENT_PAYLOAD = 101
PACKET_S = 0.02
PACKET_SAMPLES = 160
_TONE_PACKETS = 7
_END_PACKETS = 3
KEY_S = (_TONE_PACKETS + _END_PACKETS - 1) * PACKET_S
"""From a key's first packet to its last."""
FIRST_END_PACKET = _TONE_PACKETS
"""The packet that ends the key; the two after it repeat it in case it is lost."""
FIRST_VOICE_PACKETS = 5
_SSRC = 0x51505031
_VOLUME = 10


def key_packets(key: str, sequence: int, samples: int) -> list[bytes]:
    """One key press: RTP packets to be sent 20 ms apart. `samples` is the RTP time of the press."""
    event = "0123456789*#".index(key)
    packets = []
    for place in range(_TONE_PACKETS + _END_PACKETS):
        ended = place >= FIRST_END_PACKET
        marker = 0x80 if place == 0 else 0
        header = struct.pack("!BBHII", 0x80, marker | EVENT_PAYLOAD, sequence + place, samples, _SSRC)
        duration = min(place + 1, _TONE_PACKETS) * PACKET_SAMPLES
        packets.append(header + struct.pack("!BBH", event, (0x80 if ended else 0) | _VOLUME, duration))
    return packets


def voice_packets(sequence: int, count: int) -> list[bytes]:
    """Silence in A-law. A telephone sends audio from the first moment, and the dialplan's Answer() waits for that."""
    return [
        struct.pack("!BBHII", 0x80, VOICE_PAYLOAD, sequence + place, (sequence + place) * PACKET_SAMPLES, _SSRC)
        + b"\xd5" * PACKET_SAMPLES
        for place in range(count)
    ]


def write_pcap(path: Path, packets: list[bytes]) -> None:
    """A capture that SIPp's `play_pcap_audio` sends in the same rhythm (it fills in addresses and ports)."""
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)]
    loopback = bytes([127, 0, 0, 1])
    for place, packet in enumerate(packets):
        udp = struct.pack("!HHHH", 4000, 4002, 8 + len(packet), 0) + packet
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, loopback, loopback) + udp
        frame = bytes(12) + b"\x08\x00" + ip
        at = round(place * PACKET_S * 1e6)
        out.append(struct.pack("<IIII", at // 10**6, at % 10**6, len(frame), len(frame)) + frame)
    path.write_bytes(b"".join(out))
