"""Date patterns of MySQL (Presto's date_format) and Java (format_datetime, Hive) as strftime has them."""

import re

_MYSQL = {
    "a": "%a", "b": "%b", "c": "%-m", "d": "%d", "e": "%-d", "f": "%f", "H": "%H", "h": "%I", "I": "%I", "i": "%M",
    "j": "%j", "k": "%-H", "l": "%-I", "M": "%B", "m": "%m", "p": "%p", "r": "%I:%M:%S %p", "S": "%S", "s": "%S",
    "T": "%H:%M:%S", "v": "%V", "W": "%A", "x": "%G", "Y": "%Y", "y": "%y", "%": "%%",
}  # fmt: skip
_JAVA = {
    "yyyy": "%Y", "yyy": "%Y", "y": "%Y", "uuuu": "%Y", "yy": "%y", "YYYY": "%Y", "xxxx": "%G", "ww": "%V", "e": "%u",
    "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%-m", "dd": "%d", "d": "%-d", "DDD": "%j", "D": "%-j",
    "EEEE": "%A", "EEE": "%a", "EE": "%a", "E": "%a", "a": "%p", "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I",
    "mm": "%M", "m": "%-M", "ss": "%S", "s": "%-S", "SSS": "%g", "SSSSSS": "%f",
}  # fmt: skip


OFFSET = "\u0001"  # stands for the zone's offset, which depends on the time


class UnknownLetter(ValueError):
    """`str()` is the part of the pattern that has no translation."""


def from_mysql(pattern: str) -> str:
    def one(found: re.Match[str]) -> str:
        if found[1] not in _MYSQL:
            raise UnknownLetter(found[0])
        return _MYSQL[found[1]]

    return re.sub(r"%(.?)", one, pattern, flags=re.S)


def from_java(pattern: str, *, zone: str = "UTC", week_year: bool = False) -> str:
    """`week_year`: Y is the year a week belongs to (Java's SimpleDateFormat), not the year of era (Joda)."""
    zones = {"z": "UTC", "Z": "+0000", "ZZ": "+00:00", "XXX": "Z"} if zone == "UTC" else {"Z": OFFSET}
    if re.fullmatch("[A-Z]{3,4}", zone):
        zones["z"] = zone
    out = []
    for quoted, letters, other in _parts(pattern):
        if quoted is not None:
            out.append((quoted.replace("''", "'") or "'").replace("%", "%%"))
        elif letters:
            found = "%G" if week_year and letters == "YYYY" else _JAVA.get(letters) or zones.get(letters)
            if found is None:
                raise UnknownLetter(letters)
            out.append(found)
        else:
            out.append(other.replace("%", "%%"))
    return "".join(out)


def _parts(pattern: str) -> list[tuple[str | None, str | None, str]]:
    found = re.finditer(r"'((?:[^']|'')*)'|(([A-Za-z])\3*)|([\s\S])", pattern)
    return [(part[1], part[2], part[4] or "") for part in found]
