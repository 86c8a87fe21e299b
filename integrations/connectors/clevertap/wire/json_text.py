"""JSON text in Arrow arrays: joined, quoted and escaped without a loop over rows."""

import struct

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as types

_MARKS = bytes(range(0x20)) + b'"\\'
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def join(*parts: pa.Array | str) -> pa.Array:
    """The parts of each row one after another; NULL where a part is."""
    return pc.binary_join_element_wise(*parts, "")


def concatenate(*parts: pa.Array | str) -> pa.Array:
    """The same, but a part that is NULL is nothing. Text that stands in every row is joined once."""
    merged: list[pa.Array | str] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    return pc.binary_join_element_wise(*merged, "", null_handling="replace", null_replacement="")


def repeated(text: str, rows: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), rows)


def as_text(values: pa.Array) -> pa.Array:
    """A column of scalars as plain text: integers in full, true and false."""
    if types.is_dictionary(values.type):
        return as_text(values.dictionary_decode())
    return values if types.is_string(values.type) else values.cast(pa.string())


def quoted(text: pa.Array) -> pa.Array:
    """JSON strings."""
    return join('"', escaped(text), '"')


def escaped(text: pa.Array) -> pa.Array:
    """The inside of JSON strings. Most columns hold nothing to escape, which one look at their bytes tells."""
    data = _data(text)
    if len(data.translate(None, _MARKS)) == len(data):
        return text
    text = pc.replace_substring(text, "\\", "\\\\")
    text = pc.replace_substring(text, '"', '\\"')
    for code in sorted(set(data) & set(range(0x20))):
        text = pc.replace_substring(text, chr(code), _SHORT.get(chr(code), f"\\u{code:04x}"))
    return text


def quoted_name(name: str) -> str:
    return orjson.dumps(name).decode()


def _data(text: pa.Array) -> bytes:
    """The bytes of the array's strings, whatever its offset."""
    _, offsets, data = text.buffers()
    if data is None or not len(text):
        return b""
    first, last = (
        struct.unpack_from("<i", offsets, 4 * position)[0]
        for position in (text.offset, text.offset + len(text))
    )
    return bytes(memoryview(data)[first:last])
