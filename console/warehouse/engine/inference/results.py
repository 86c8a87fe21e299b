"""The types functions give, by their names as written. Only those whose type some rule asks for."""

from collections.abc import Callable, Sequence

from sqlglot import exp

from console.warehouse.engine.calls import words
from console.warehouse.engine.inference.decimals import FLOATS, INTEGERS, T, common, decimal, digits

Kinds = Sequence[exp.DataType | None]

_BIGINT = words("""
    count count_if approx_distinct length strpos position codepoint cardinality year quarter month day hour
    minute second week day_of_week day_of_year dow doy row_number rank dense_rank ntile date_diff
    td_scheduled_time td_time_parse td_time_add td_date_trunc json_array_length json_size regexp_count
    levenshtein_distance hamming_distance from_base bitwise_and bitwise_or bitwise_xor bitwise_not
    unix_timestamp floor ceil ceiling
""")
_DOUBLE = words("""
    sqrt cbrt exp ln log log2 log10 power pow sin cos tan asin acos atan atan2 sinh cosh tanh radians degrees pi e
    to_unixtime stddev stddev_pop stddev_samp variance var_pop var_samp corr covar_pop covar_samp regr_slope
    regr_intercept skewness kurtosis geometric_mean percent_rank cume_dist infinity nan percentile
""")
_VARCHAR = words("""
    substr substring lower upper trim ltrim rtrim replace lpad rpad split_part regexp_extract regexp_replace
    json_extract_scalar json_format date_format format_datetime td_time_format td_time_string td_md5 td_url_decode
    url_extract_host url_extract_path url_extract_query url_extract_parameter url_extract_protocol url_extract_fragment
    array_join concat_ws chr translate to_base get_json_object parse_url
""")
_FIRST = words("""
    min max arbitrary any_value max_by min_by lag lead first_value last_value nth_value nullif abs
    array_distinct array_sort array_remove array_union array_intersect array_except sort_array filter slice
    shuffle map_filter map_concat
""")
_COMMON = words("coalesce greatest least nvl")
_OTHER: dict[str, exp.DType] = {
    "from_unixtime": T.TIMESTAMPTZ, "now": T.TIMESTAMPTZ, "parse_datetime": T.TIMESTAMPTZ, "date_parse": T.TIMESTAMP,
    "from_iso8601_timestamp": T.TIMESTAMPTZ, "date": T.DATE, "from_iso8601_date": T.DATE, "to_date": T.DATE,
    "last_day_of_month": T.DATE, "bool_and": T.BOOLEAN, "bool_or": T.BOOLEAN, "every": T.BOOLEAN,
}  # fmt: skip


def result(name: str, kinds: Kinds, type: str) -> exp.DataType | None:
    """The type of a call of `name` with arguments of these types."""
    if type == "hive" and name in ("date", "from_unixtime"):
        return exp.DataType(this=T.DATE if name == "date" else T.TEXT)
    if name in _SPECIAL:
        return _SPECIAL[name](kinds)
    if name in _FIRST:
        return kinds[0] if kinds else None
    if name in _COMMON:
        return _fold(kinds)
    simple = _OTHER.get(name)
    for names, kind in ((_BIGINT, T.BIGINT), (_DOUBLE, T.DOUBLE), (_VARCHAR, T.TEXT)):
        if name in names:
            simple = kind
    return exp.DataType(this=simple) if simple else None


def _fold(kinds: Kinds) -> exp.DataType | None:
    found = kinds[0] if kinds else None
    for kind in kinds[1:]:
        found = common(found, kind)
    return found


def _at(index: int) -> Callable[[Kinds], exp.DataType | None]:
    return lambda kinds: kinds[index] if len(kinds) > index else None


def _sum(kinds: Kinds) -> exp.DataType | None:
    kind = kinds[0] if kinds else None
    if kind is None or kind.this in FLOATS:
        return kind
    if kind.this in INTEGERS:
        return exp.DataType(this=T.BIGINT)
    places = digits(kind)
    return decimal(38, places[1]) if places else None


def _avg(kinds: Kinds) -> exp.DataType | None:
    kind = kinds[0] if kinds else None
    return exp.DataType(this=T.DOUBLE) if kind and kind.this in INTEGERS else kind


def array_of(kind: exp.DataType | None) -> exp.DataType | None:
    return exp.DataType(this=T.ARRAY, expressions=[kind.copy()], nested=True) if kind else None


def _list(kinds: Kinds) -> exp.DataType | None:
    return array_of(kinds[0] if kinds else None)


def map_of(key: exp.DataType | None, value: exp.DataType | None) -> exp.DataType | None:
    return (
        exp.DataType(this=T.MAP, expressions=[key.copy(), value.copy()], nested=True)
        if key and value
        else None
    )


def element(kind: exp.DataType | None) -> exp.DataType | None:
    """Of an array its elements' type, of a map its values'."""
    inner = kind.expressions if kind and kind.this in (T.ARRAY, T.LIST, T.MAP) else []
    return inner[-1] if inner and isinstance(inner[-1], exp.DataType) else None


def key(kind: exp.DataType | None) -> exp.DataType | None:
    inner = kind.expressions if kind and kind.this == T.MAP else []
    return inner[0] if inner and isinstance(inner[0], exp.DataType) else None


def field(kind: exp.DataType | None, name: str) -> exp.DataType | None:
    for part in kind.expressions if kind and kind.this == T.STRUCT else []:
        if isinstance(part, exp.ColumnDef) and part.name.lower() == name.lower():
            return part.args.get("kind")
    return None


def _row(kinds: Kinds) -> exp.DataType | None:
    if any(kind is None for kind in kinds):
        return None
    return exp.DataType(this=T.STRUCT, expressions=[kind.copy() for kind in kinds if kind], nested=True)


def _map(kinds: Kinds) -> exp.DataType | None:
    return map_of(element(kinds[0]), element(kinds[1])) if len(kinds) == 2 else None


_SPECIAL: dict[str, Callable[[Kinds], exp.DataType | None]] = {
    "sum": _sum, "avg": _avg, "if": lambda kinds: _fold(kinds[1:]), "date_trunc": _at(1), "date_add": _at(2),
    "array_agg": _list, "set_agg": _list, "collect_list": _list, "collect_set": _list,
    "array": lambda kinds: array_of(_fold(kinds)), "split": lambda kinds: array_of(exp.DataType(this=T.TEXT)),
    "map_agg": lambda kinds: map_of(*kinds) if len(kinds) == 2 else None, "map": _map,
    "multimap_agg": lambda kinds: map_of(kinds[0], array_of(kinds[1])) if len(kinds) == 2 else None,
    "histogram": lambda kinds: map_of(kinds[0], exp.DataType(this=T.BIGINT)) if kinds else None,
    "split_to_map": lambda kinds: map_of(exp.DataType(this=T.TEXT), exp.DataType(this=T.TEXT)),
    "str_to_map": lambda kinds: map_of(exp.DataType(this=T.TEXT), exp.DataType(this=T.TEXT)),
    "element_at": lambda kinds: element(kinds[0]), "map_keys": lambda kinds: array_of(key(kinds[0])),
    "map_values": lambda kinds: array_of(element(kinds[0])), "array_max": lambda kinds: element(kinds[0]),
    "array_min": lambda kinds: element(kinds[0]), "repeat": lambda kinds: array_of(kinds[0]) if kinds else None,
    "row": _row, "zip": lambda kinds: array_of(_row([element(kind) for kind in kinds])),
    "map_entries": lambda kinds: array_of(_row([key(kinds[0]), element(kinds[0])])),
    "flatten": lambda kinds: element(kinds[0]),
}  # fmt: skip
