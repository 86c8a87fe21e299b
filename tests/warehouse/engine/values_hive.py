"""Expressions and what Hive answers to them, by its language manual (cwiki.apache.org: LanguageManual UDF)."""

from datetime import date, datetime

CASES: list[tuple[str, object]] = [
    # operators: / is always a double, NULL where the divisor is 0, text counts as a number
    ("7 / 2", 3.5), ("1 / 0", None), ("7 DIV 2", 3), ("-7 % 3", -1), ("1 % 0", None), ("pmod(-7, 3)", 2), ("'1' + 2", 3.0), ("'a' + 1", None), ("'10' = 10", True),
    ("x = 0 FROM (SELECT 'abc' x) t", None), ("1.5 + 1", 2.5), ("NULL <=> NULL", True), ("1 == 1", True), ("'a' || 'b'", "ab"), ("greatest(1, NULL)", None), ("5 / 2.0", 2.5),
    # casts: toward zero, NULL where it can't be
    ("CAST('1.9' AS int)", 1), ("CAST(1.9 AS int)", 1), ("CAST(-1.9 AS bigint)", -1), ("CAST('abc' AS int)", None), ("CAST(1e7 AS string)", "1.0E7"), ("CAST(12 AS string)", "12"),
    ("CAST('2026-01-02' AS date)", date(2026, 1, 2)), ("CAST('x' AS date)", None), ("CAST('x' AS double)", None), ("CAST(true AS string)", "true"), ("CAST('99999999999' AS int)", None),
    # strings: position 0 is position 1, split takes a regular expression, arrays count from 0
    ("substr('abcdef', 0, 2)", "ab"), ("substr('abcdef', 2, 3)", "bcd"), ("substr('abcdef', -2)", "ef"), ("substring('abc', 2)", "bc"), ("split('a1b2c', '[0-9]')[1]", "b"),
    ("split('a|b', '\\\\|')[0]", "a"), ("split('a,b', ',')[5]", None), ("concat('a', 1, 2.5)", "a12.5"), ("concat('a', NULL)", None), ("concat_ws(',', array('a', 'b'))", "a,b"),
    ("concat_ws('-', 'a', 'b')", "a-b"), ("instr('abc', 'c')", 3), ("locate('b', 'abcb', 3)", 4), ("length('日本')", 2), ("trim('  a ')", "a"), ("initcap('ab cD')", "Ab Cd"),
    ("regexp_replace('a1', '([a-z])', '<$1>')", "<a>1"), ("regexp_extract('a12', '([0-9]+)', 1)", "12"), ("regexp_extract('foothebar', 'foo(.*?)(bar)')", "the"), ("regexp_extract('a', '([0-9])', 1)", ""),
    ("'abc' RLIKE 'b'", True), ("'a_c' LIKE 'a\\\\_c'", True), ("'abc' LIKE 'a\\\\_c'", False), ("'aBc' LIKE 'a_c'", True), ("substring_index('a.b.c', '.', 2)", "a.b"), ("substring_index('a.b.c', '.', -1)", "c"),
    ("repeat('ab', 2)", "abab"), ("space(2)", "  "), ("format_number(12345.678, 2)", "12,345.68"), ("upper('a')", "A"), ("ascii('a')", 97), ("lpad('1', 3, '0')", "001"), ("\"double quoted\"", "double quoted"),
    # dates come as text where Hive gives text
    ("from_unixtime(0)", "1970-01-01 00:00:00"), ("from_unixtime(0, 'yyyy-MM-dd')", "1970-01-01"), ("unix_timestamp('1970-01-02 00:00:00')", 86400), ("unix_timestamp('1970/01/02', 'yyyy/MM/dd')", 86400),
    ("to_date('2026-01-02 03:04:05')", date(2026, 1, 2)), ("date_add('2026-01-31', 1)", date(2026, 2, 1)), ("date_sub('2026-01-01', 1)", date(2025, 12, 31)), ("datediff('2026-01-03', '2026-01-01 23:00:00')", 2),
    ("add_months('2026-01-31', 1)", "2026-02-28"), ("add_months('2026-02-28', 1)", "2026-03-31"), ("last_day('2026-02-03')", "2026-02-28"), ("year('2026-01-02')", 2026), ("hour('2026-01-02 03:04:05')", 3),
    ("day('2026-01-02')", 2), ("month('2026-01-02')", 1), ("weekofyear('2027-01-01')", 53), ("dayofweek('2026-01-04')", 1), ("date_format('2026-01-02', 'MM/dd')", "01/02"), ("trunc('2026-05-15', 'MM')", "2026-05-01"),
    ("from_utc_timestamp('1970-01-01 00:00:00', 'Asia/Tokyo')", datetime(1970, 1, 1, 9)), ("to_utc_timestamp('1970-01-01 09:00:00', 'Asia/Tokyo')", datetime(1970, 1, 1)), ("year('x')", None),
    # arrays, maps, JSON
    ("array(1, 2)[0]", 1), ("array(1, 2)[2]", None), ("map('a', 1)['a']", 1), ("map('a', 1)['b']", None), ("size(array(1, 2))", 2), ("size(map('a', 1))", 1), ("array_contains(array(1, 2), 3)", False),
    ("sort_array(array(3, 1))", [1, 3]), ("map_keys(map('a', 1))", ["a"]), ("str_to_map('a:1,b:2')['b']", "2"), ("named_struct('a', 1, 'b', 'x').b", "x"),
    ("get_json_object('{\"a\":{\"b\":1}}', '$.a.b')", "1"), ("get_json_object('{\"a\":[1,2]}', '$.a')", "[1,2]"), ("get_json_object('x', '$.a')", None), ("get_json_object('{\"a\":null}', '$.a')", None),
    ("parse_url('https://ex.com/a?q=1', 'HOST')", "ex.com"), ("parse_url('https://ex.com/a?q=1', 'QUERY', 'q')", "1"), ("parse_url('https://ex.com/a', 'QUERY')", None),
    # NULLs and numbers
    ("nvl(NULL, 'x')", "x"), ("if(1 = 1, 'a', 'b')", "a"), ("isnull(NULL)", True), ("nvl2(NULL, 1, 2)", 2), ("ln(0)", None), ("log(2, 8)", 3.0), ("floor(-1.2)", -2), ("ceil(1.2)", 2), ("round(2.5)", 3.0), ("round(2.345, 2)", 2.35), ("bround(2.5)", 2.0),
    ("md5('a')", "0cc175b9c0f1b6a831c399e269772661"), ("sha2('', 256)", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"), ("hex('a')", "61"), ("hex(255)", "FF"), ("unbase64(base64(unhex('61')))", b"a"),
    # aggregates leave NULLs out; an empty list is a list
    ("collect_list(x) FROM (SELECT 1 x UNION ALL SELECT NULL) t", [1]), ("size(collect_set(x)) FROM (SELECT 1 x UNION ALL SELECT 1) t", 1), ("collect_list(x) FROM (SELECT 1 x) t WHERE false", []), ("sum(x) FROM (SELECT 1 x UNION ALL SELECT 2) t", 3),
    ("percentile(x, 0.5) FROM (SELECT 1 x UNION ALL SELECT 2) t", 1.5), ("count(DISTINCT x) FROM (SELECT 1 x UNION ALL SELECT 1) t", 1),
    # TD functions
    ("TD_TIME_FORMAT(0, \"yyyy-MM-dd HH:mm:ss\", \"JST\")", "1970-01-01 09:00:00"), ("TD_TIME_PARSE('2026-01-01', 'JST')", 1767193200), ("TD_SCHEDULED_TIME()", 1767225600), ("TD_TIME_RANGE(1767225600, '2026-01-01', NULL)", True),
]  # fmt: skip

QUERIES: list[tuple[str, list[tuple[object, ...]]]] = [
    ("SELECT x FROM (SELECT 2 x UNION ALL SELECT NULL UNION ALL SELECT 1) t ORDER BY x", [(None,), (1,), (2,)]),
    ("SELECT x FROM (SELECT 2 x UNION ALL SELECT NULL) t ORDER BY x DESC", [(2,), (None,)]),
    ("SELECT id, e FROM (SELECT 1 id, array('a', 'b') es) t LATERAL VIEW explode(es) x AS e", [(1, "a"), (1, "b")]),
    ("SELECT p, e FROM (SELECT array('a', 'b') es) t LATERAL VIEW posexplode(es) x AS p, e", [(0, "a"), (1, "b")]),
    ("SELECT k, v FROM (SELECT map('a', 1) m) t LATERAL VIEW explode(m) x AS k, v", [("a", 1)]),
    ("SELECT id, e FROM (SELECT 1 id, array() es) t LATERAL VIEW OUTER explode(es) x AS e", [(1, None)]),
    ("SELECT explode(array(1, 2))", [(1,), (2,)]),
    ("SELECT a.x FROM (SELECT 1 x) a LEFT SEMI JOIN (SELECT 1 x) b ON a.x = b.x", [(1,)]),
    ("SELECT count(*) FROM www_access WHERE code = '200'", [(34,)]),
    ("SELECT tags[0], tags[1] FROM sample_datasets.www_access LIMIT 1", [("a", "b")]),
    ("SELECT `user` FROM www_access WHERE `user` = 'u1' LIMIT 1", [("u1",)]),
]  # fmt: skip
