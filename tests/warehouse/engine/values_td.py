"""Treasure Data's functions, the same in Presto and Hive (docs.treasuredata.com: Supported Presto and Hive UDFs)."""

from .values_presto import ERROR

CASES: list[tuple[str, object]] = [
    # the scheduled time is 2026-01-01 00:00 UTC, a Thursday
    ("TD_SCHEDULED_TIME()", 1767225600), ("td_scheduled_time() - 86400", 1767139200),
    # from the start, up to but without the end; NULL is open; a zone in the text beats the argument; a day has 23 hours where the clocks change
    ("TD_TIME_RANGE(1767225600, '2026-01-01')", True), ("TD_TIME_RANGE(1767225599, '2026-01-01')", False), ("TD_TIME_RANGE(1767312000, '2026-01-01', '2026-01-02')", False),
    ("TD_TIME_RANGE(1767225599, NULL, '2026-01-01')", True), ("TD_TIME_RANGE(1767225600, NULL, NULL)", True), ("TD_TIME_RANGE(NULL, '2026-01-01')", None),
    ("TD_TIME_RANGE(1767225600, 1767225600, 1767225601)", True), ("TD_TIME_RANGE(1767225600, '2026-01-01 00:00:01')", False), ("TD_TIME_RANGE(1767193200, '2026-01-01', NULL, 'JST')", True),
    ("TD_TIME_RANGE(1767254400, '2026-01-01', '2026-01-02', 'PST')", True), ("TD_TIME_RANGE(1767193200, '2026-01-01 JST', '2026-01-02 JST')", True),
    ("TD_TIME_RANGE(1767225600, '2026-01-01 09:00:00+0900', '2026-01-02')", True), ("TD_TIME_RANGE(1767311999, '2026-01-01', TD_TIME_ADD('2026-01-01', '1d'))", True),
    ("TD_TIME_RANGE(1767225599, TD_TIME_ADD(TD_SCHEDULED_TIME(), '-1d'), TD_SCHEDULED_TIME())", True),
    ("TD_TIME_RANGE(1767193200, TD_DATE_TRUNC('day', TD_SCHEDULED_TIME(), 'JST'), NULL)", True), ("TD_TIME_RANGE(1774738800, '2026-03-29', '2026-03-30', 'Europe/Paris')", True),
    ("TD_TIME_RANGE(1774821600, '2026-03-29', '2026-03-30', 'Europe/Paris')", False), ("TD_TIME_RANGE(1774821599, '2026-03-29', '2026-03-30', 'Europe/Paris')", True),
    ("count(*) FROM www_access WHERE TD_TIME_RANGE(time, '2026-01-01', '2026-01-02')", 24), ("count(*) FROM www_access WHERE TD_TIME_RANGE(time, '2026-01-01', '2026-01-02', 'JST')", 15),
    ("count(*) FROM www_access WHERE NOT TD_TIME_RANGE(time, '2026-01-02')", 24), ("count(*) FROM www_access WHERE TD_TIME_RANGE(time, time)", 100),
    ("count(*) FROM www_access WHERE TD_TIME_RANGE(time, NULL, time)", 0), ("TD_TIME_RANGE(max(time), '2026-01-03') FROM www_access", True),
    # whole units before the one that holds the scheduled time, or before the point after the slash; weeks begin on Monday
    ("count(*) FROM www_access WHERE TD_INTERVAL(time, '0d')", 24), ("count(*) FROM www_access WHERE TD_INTERVAL(time, '1d')", 24),
    ("count(*) FROM www_access WHERE TD_INTERVAL(time, '-1d/2026-01-02')", 24), ("count(*) FROM www_access WHERE TD_INTERVAL(time, '-1h/2026-01-01 05:00:00')", 1),
    ("TD_INTERVAL(1767222000, '-1h')", True), ("TD_INTERVAL(1767225600, '-1h')", False), ("TD_INTERVAL(1766966399, '-1w')", True), ("TD_INTERVAL(1766966400, '-1w')", False),
    ("TD_INTERVAL(1767225599, '-1M')", True), ("TD_INTERVAL(1764547199, '-1M')", False), ("TD_INTERVAL(1767225599, '-1y')", True), ("TD_INTERVAL(1759276800, '-1q')", True),
    ("TD_INTERVAL(1759276799, '-1q')", False), ("TD_INTERVAL(1769817600, '0M')", True), ("TD_INTERVAL(1767139200, '-7d/-1d')", False), ("TD_INTERVAL(1767139199, '-7d/-1d')", True),
    ("TD_INTERVAL(1766534400, '-7d/-1d')", True), ("TD_INTERVAL(1766534399, '-7d/-1d')", False), ("TD_INTERVAL(1767193199, '-1d', 'JST')", True),
    ("TD_INTERVAL(1767225599, '0d/now')", False), ("TD_INTERVAL(1767225599, '-1h/now')", True), ("TD_INTERVAL(NULL, '-1d')", None), ("TD_INTERVAL(1767225600, '-1d', 'Mars')", ERROR),
    ("TD_INTERVAL(1767225600, 'x')", ERROR), ("TD_INTERVAL(1767225600, '-1d/2026-13-01')", ERROR),
    # seconds, never months; NULL and what is no time in a column give NULL
    ("TD_TIME_ADD(1767225600, '1d')", 1767312000), ("TD_TIME_ADD(1767225600, '-1h')", 1767222000), ("TD_TIME_ADD(1767225600, '1w')", 1767830400),
    ("TD_TIME_ADD(1767225600, '30m')", 1767227400), ("TD_TIME_ADD(1767225600, '-15s')", 1767225585), ("TD_TIME_ADD('2026-01-01', '1d', 'JST')", 1767279600),
    ("TD_TIME_ADD('2026-01-01 JST', '0d')", 1767193200), ("TD_TIME_ADD(NULL, '1d')", None), ("TD_TIME_ADD(time, '1d') FROM www_access LIMIT 1", 1767312000),
    ("TD_TIME_ADD(x, '1d') FROM (SELECT '2026-01-01' x) t", 1767312000), ("TD_TIME_ADD(x, '1d', 'JST') FROM (SELECT '2026-01-01' x) t", 1767279600),
    ("TD_TIME_ADD(x, '1d') FROM (SELECT 'bad' x) t", None), ("TD_TIME_ADD(1767225600, '1M')", ERROR), ("TD_TIME_ADD('bad', '1d')", ERROR),
    # TD_TIME_PARSE
    ("TD_TIME_PARSE('2026-01-01')", 1767225600), ("TD_TIME_PARSE('2026-01-01 00:00:00')", 1767225600), ("TD_TIME_PARSE('2026-01-01T00:00:00')", 1767225600),
    ("TD_TIME_PARSE('2026-01-01 00:00:00Z')", 1767225600), ("TD_TIME_PARSE('2026-01-01 00:00:00 UTC')", 1767225600), ("TD_TIME_PARSE('2026-01-01', 'PST')", 1767254400),
    ("TD_TIME_PARSE('2026-07-01', 'PDT')", 1782889200), ("TD_TIME_PARSE('2026-01-01 09:00:00 +0900')", 1767225600), ("TD_TIME_PARSE('2026-01-01 09:00:00+09:00', 'UTC')", 1767225600),
    ("TD_TIME_PARSE(NULL)", None), ("TD_TIME_PARSE(x) FROM (SELECT '2026-01-01 00:00:00' x) t", 1767225600), ("TD_TIME_PARSE(x) FROM (SELECT '2026-01-01 09:00:00+0900' x) t", 1767225600),
    ("TD_TIME_PARSE(x, 'JST') FROM (SELECT '2026-01-01' x) t", 1767193200), ("TD_TIME_PARSE(x) FROM (SELECT 'bad' x) t", None), ("TD_TIME_PARSE('bad')", ERROR),
    ("TD_TIME_PARSE(x) FROM (SELECT '2026-01-01 09:00:00 JST' x) t", 1767225600),
    # Java's pattern, in the zone
    ("TD_TIME_FORMAT(1767225600, 'yyyy-MM-dd HH:mm:ss')", '2026-01-01 00:00:00'), ("TD_TIME_FORMAT(1767225600, 'yyyy-MM-dd', 'PST')", '2025-12-31'),
    ("TD_TIME_FORMAT(time, 'yyyy-MM-dd') FROM www_access LIMIT 1", '2026-01-01'), ("TD_TIME_FORMAT(1767225600, 'yyyy-MM-dd HH:mm:ss z')", '2026-01-01 00:00:00 UTC'),
    ("TD_TIME_FORMAT(1767279600, 'yyyyMMdd', 'JST')", '20260102'), ("TD_TIME_FORMAT(NULL, 'yyyy')", None), ("TD_TIME_FORMAT(1767225600, 'EEE MMM d')", 'Thu Jan 1'),
    ("TD_TIME_FORMAT(1767225600, 'yyyy-MM-dd HH:mm:ss Z', 'JST')", '2026-01-01 09:00:00 +0900'), ("TD_TIME_FORMAT(1782864000, 'HH', 'America/New_York')", '20'),
    ("TD_TIME_FORMAT(1767225600, 'HH', 'America/New_York')", '19'), ("TD_TIME_FORMAT(1767225600, 'HH', '+0900')", '09'), ("TD_TIME_FORMAT(1767225600, 'HH', '+05:30')", '05'),
    ("TD_TIME_FORMAT(max(time), 'yyyy') FROM www_access", '2026'),
    # cut to the unit and its offset then; with ! only as many parts as the unit has
    ("TD_TIME_STRING(1767225600, 'y')", '2026-01-01 00:00:00+0000'), ("TD_TIME_STRING(1768953600, 'M')", '2026-01-01 00:00:00+0000'),
    ("TD_TIME_STRING(1767229300, 'd')", '2026-01-01 00:00:00+0000'), ("TD_TIME_STRING(1767229300, 'h')", '2026-01-01 01:00:00+0000'),
    ("TD_TIME_STRING(1767229300, 'm')", '2026-01-01 01:01:00+0000'), ("TD_TIME_STRING(1767229300, 's')", '2026-01-01 01:01:40+0000'),
    ("TD_TIME_STRING(1767225600, 'w')", '2025-12-29 00:00:00+0000'), ("TD_TIME_STRING(1775865600, 'q')", '2026-04-01 00:00:00+0000'), ("TD_TIME_STRING(1767225600, 'y!')", '2026'),
    ("TD_TIME_STRING(1767225600, 'M!')", '2026-01'), ("TD_TIME_STRING(1767225600, 'd!')", '2026-01-01'), ("TD_TIME_STRING(1767229300, 'h!')", '2026-01-01 01'),
    ("TD_TIME_STRING(1767229300, 'm!')", '2026-01-01 01:01'), ("TD_TIME_STRING(1767229300, 's!')", '2026-01-01 01:01:40'), ("TD_TIME_STRING(1767225600, 'w!')", '2025-12-29'),
    ("TD_TIME_STRING(1767225599, 'd!', 'JST')", '2026-01-01'), ("TD_TIME_STRING(1782864000, 'd', 'America/New_York')", '2026-06-30 00:00:00-0400'),
    ("TD_TIME_STRING(1767225600, 'd', 'America/New_York')", '2025-12-31 00:00:00-0500'), ("TD_TIME_STRING(time, 'd!') FROM www_access LIMIT 1", '2026-01-01'),
    ("TD_TIME_STRING(NULL, 'd!')", None), ("TD_TIME_STRING(1767225600, 'yyyy/MM/dd')", '2026/01/01'), ("TD_TIME_STRING(1767225600, 'd', 'Asia/Kolkata')", '2026-01-01 00:00:00+0530'),
    ("TD_TIME_STRING(1774810800, 'd', 'Europe/Paris')", '2026-03-29 00:00:00+0100'), ("TD_TIME_STRING(min(time), 'd!') FROM www_access", '2026-01-01'),
    # TD_DATE_TRUNC
    ("TD_DATE_TRUNC('day', 1767225605)", 1767225600), ("TD_DATE_TRUNC('hour', 1767229300)", 1767229200), ("TD_DATE_TRUNC('week', 1767225600)", 1766966400),
    ("TD_DATE_TRUNC('month', 1767193205, 'JST')", 1767193200), ("TD_DATE_TRUNC('quarter', 1775865600)", 1775001600), ("TD_DATE_TRUNC('year', 1775865600)", 1767225600),
    ("TD_DATE_TRUNC('minute', 1767225661)", 1767225660), ("TD_DATE_TRUNC('second', 1767225600)", 1767225600),
    ("TD_DATE_TRUNC('day', time) FROM www_access WHERE time = 1767229200", 1767225600), ("TD_DATE_TRUNC('day', time, 'JST') FROM www_access WHERE time = 1767225600", 1767193200),
    ("TD_DATE_TRUNC('day', NULL)", None), ("TD_DATE_TRUNC('decade', 0)", ERROR), ("TD_DATE_TRUNC('day', x, 'Europe/Paris') FROM (SELECT 1774810800 x) t", 1774738800),
    ("TD_DATE_TRUNC('day', 1774810800, 'Europe/Paris')", 1774738800), ("TD_DATE_TRUNC('day', x, 'Europe/Paris') FROM (SELECT 1792965600 x) t", 1792879200),
    ("TD_DATE_TRUNC('day', max(time)) FROM www_access", 1767571200),
    # TD_INTERVAL_RANGE: first second and the one after the last
    ("TD_INTERVAL_RANGE('-1d')", [1767139200, 1767225600]), ("TD_INTERVAL_RANGE('0d', 'JST')", [1767193200, 1767279600]), ("TD_INTERVAL_RANGE('-1w')", [1766361600, 1766966400]),
    # the others
    ("TD_MD5('a')", '0cc175b9c0f1b6a831c399e269772661'), ("TD_MD5(NULL)", None), ("TD_URL_DECODE('a%20b')", 'a b'), ("TD_URL_DECODE('%E6%97%A5')", '日'), ("TD_URL_DECODE(NULL)", None),
]  # fmt: skip
