"""Trino's functions by kind: `SAME` mean the same in the engine, `RENAMED` only by another name. Beside these,
macros/presto.sql has those whose values differ and `rules` those that need the call itself."""

from console.warehouse.engine.calls import words

SAME = words("""
    abs round sqrt cbrt exp log2 log10 power pow radians degrees sin cos tan asin acos atan
    atan2 sinh cosh tanh pi lower upper lpad rpad chr translate starts_with log count min max avg sum bool_and
    bool_or stddev stddev_pop stddev_samp variance var_pop var_samp corr covar_pop covar_samp regr_slope
    regr_intercept any_value histogram count_if array_agg row_number rank dense_rank percent_rank cume_dist
    ntile lag lead first_value last_value nth_value grouping coalesce nullif now year quarter month day hour minute
    second map_keys map_values map_entries map_from_entries flatten row regexp_extract_all
""")
RENAMED = {
    "arbitrary": "any_value", "every": "bool_and",
    "bitwise_and_agg": "bit_and", "bitwise_or_agg": "bit_or",
    "bitwise_xor_agg": "bit_xor", "geometric_mean": "geomean", "kurtosis": "kurtosis",
    "day_of_month": "day", "day_of_week": "isodow", "dow": "isodow", "day_of_year": "dayofyear", "doy": "dayofyear",
    "week": "week", "week_of_year": "week", "year_of_week": "isoyear", "yow": "isoyear",
    "is_nan": "isnan", "is_infinite": "isinf", "is_finite": "isfinite", "transform": "list_transform",
    "filter": "list_filter", "from_base64": "from_base64", "set_agg": "list",
}  # fmt: skip
# Macros of macros/presto.sql that operators use and nobody calls by name.
INTERNAL = words("""
    divide divide_any divide_floats plus plus_any minus minus_any at_array at_map varchar to_bigint to_integer
    to_boolean to_varbinary to_json
    date_trunc_any length_any
""")
INSTEAD = {
    "contains_sequence": "Compare with slice().", "date_sub": "Use date_add with a negative number.",
    "datediff": "Use date_diff('day', a, b).", "nvl": "Use coalesce.", "ifnull": "Use coalesce.",
    "substring_index": "Use split_part.", "instr": "Use strpos.", "group_concat": "Use array_join(array_agg(x), ',').",
    "get_json_object": "Use json_extract_scalar.", "unix_timestamp": "Use to_unixtime.", "len": "Use length.",
    "all": "Write ALL (SELECT …).", "any": "Write ANY (SELECT …).", "exists": "Write EXISTS (SELECT …).",
    "isnull": "Use x IS NULL.", "concat_all": "Use concat.", "collect_list": "Use array_agg.",
    "json_query": "Use json_extract.", "json_value": "Use json_extract_scalar.", "size": "Use cardinality.",
}  # fmt: skip
# By the engine's names: what they give is known to the engine only after macros are chosen.
AGGREGATES = words("""
    count count_if min max avg sum bool_and bool_or stddev stddev_pop stddev_samp variance var_pop var_samp corr
    covar_pop covar_samp regr_slope regr_intercept any_value histogram array_agg skewness kurtosis arg_max_null
    arg_min_null approx_quantile quantile_cont approx_count_distinct bit_and bit_or bit_xor geomean list
    presto__map_agg presto__multimap_agg
""")
