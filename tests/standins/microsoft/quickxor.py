"""OneDrive's quickXorHash, written from its public description and not from the product's own code."""

import base64

BITS, STEP = 160, 11  # width of the hash; each byte goes in this many bits further


def quickxor(data: bytes) -> str:
    """Bytes whose numbers differ by 160 meet at the same place, so whole blocks may be XORed first."""
    folded = 0
    for at in range(0, len(data), BITS):
        folded ^= int.from_bytes(data[at : at + BITS], "little")
    state = 0
    for number, byte in enumerate(folded.to_bytes(BITS, "little")):
        shift = number * STEP % BITS
        state ^= byte << shift
    state = (state & ((1 << BITS) - 1)) ^ (state >> BITS)
    digest = bytearray(state.to_bytes(BITS // 8, "little"))
    for place, byte in enumerate(len(data).to_bytes(8, "little")):
        digest[12 + place] ^= byte
    return base64.b64encode(bytes(digest)).decode()
