"""Hive's functions by kind, as presto/names.py has Trino's."""

from console.warehouse.engine.calls import words

SAME = words("""
    sqrt cbrt exp power pow radians degrees sin cos tan asin acos atan pi lpad rpad repeat reverse translate count
    min max corr covar_pop covar_samp row_number rank
    dense_rank percent_rank cume_dist ntile lag lead first_value last_value coalesce nullif ascii chr greatest least
    map_keys map_values levenshtein
""")
RENAMED = {
    "ucase": "upper", "lcase": "lower", "character_length": "length", "ceiling": "ceil", "nvl": "coalesce",
    "dayofmonth": "day", "unhex": "unhex", "array": "list_value", "ltrim": "ltrim", "rtrim": "rtrim",
    "current_timestamp": "now",
}  # fmt: skip
INTERNAL = words("""
    number number_any time_text divide string to_bigint to_int to_double to_boolean to_timestamp at timestamp
    day_of parse_url_host parse_url_path parse_url_query parse_url_ref parse_url_protocol parse_url_parameter
    day text_substr
""")
INSTEAD = {
    "approx_distinct": "Use count(DISTINCT x).", "date_diff": "Use datediff(end, start).", "strpos": "Use instr.",
    "json_extract_scalar": "Use get_json_object.", "array_agg": "Use collect_list.", "cardinality": "Use size.",
    "array_join": "Use concat_ws.", "to_unixtime": "Use unix_timestamp.", "split_part": "Use split(s, p)[n].",
    "months_between": "Use datediff.", "reflect": "", "java_method": "", "json_tuple": "Use get_json_object.",
}  # fmt: skip
