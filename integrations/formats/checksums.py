"""The checksums that destinations compare: SHA-256, Google's CRC32C and Microsoft's QuickXorHash."""

import hashlib
from base64 import b64encode

import google_crc32c
import numpy as np

_WIDTH = 160  # bits of a QuickXorHash
_SHIFT = 11  # bits by which one byte lies beside the next


class QuickXor:
    """https://learn.microsoft.com/onedrive/developer/code-snippets/quickxorhash

    Byte i is XORed in at bit 11 * i modulo 160. That repeats after 160 bytes, so whole rows of 160 can be XORed
    first, and the bits be placed once at the end.
    """

    def __init__(self) -> None:
        self.size = 0
        self._columns = np.zeros(_WIDTH, np.uint8)

    def update(self, data: bytes) -> None:
        lead = self.size % _WIDTH
        whole = -(-(lead + len(data)) // _WIDTH) * _WIDTH
        padded = b"".join((bytes(lead), data, bytes(whole - lead - len(data))))
        self._columns ^= np.bitwise_xor.reduce(
            np.frombuffer(padded, np.uint8).reshape(-1, _WIDTH), axis=0, dtype=np.uint8
        )
        self.size += len(data)

    def digest(self) -> bytes:
        bits = 0
        for column, value in enumerate(self._columns.tolist()):
            at = column * _SHIFT % _WIDTH
            bits ^= value << at
        bits = (bits & ((1 << _WIDTH) - 1)) ^ (bits >> _WIDTH)  # what passed the end goes on at the start
        bits ^= self.size << (_WIDTH - 64)
        return bits.to_bytes(_WIDTH // 8, "little")


class Checksums:
    """All three over one pass of the data."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._crc32c = 0
        self._quickxor = QuickXor()

    def update(self, data: bytes) -> None:
        self._sha256.update(data)
        self._crc32c = google_crc32c.extend(self._crc32c, data)
        self._quickxor.update(data)

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    @property
    def crc32c(self) -> str:
        return b64encode(self._crc32c.to_bytes(4, "big")).decode()

    @property
    def quickxor(self) -> str:
        return b64encode(self._quickxor.digest()).decode()
