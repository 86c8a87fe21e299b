CREATE MACRO td__date_trunc(unit, t, zone) AS sql__trunc_zone(unit, CAST(t AS BIGINT), zone);
CREATE MACRO td__time_add(t, seconds, zone) AS td__time_parse(t, zone) + seconds;
CREATE MACRO td__time_format(t, pattern, zone) AS strftime(timezone(zone, to_timestamp(CAST(t AS BIGINT))), pattern);
CREATE MACRO td__offset(t, zone) AS td__offset_text(CAST((epoch(timezone(zone, to_timestamp(t))) - t) / 60 AS INTEGER));
CREATE MACRO td__offset_text(m) AS CASE WHEN m < 0 THEN '-' ELSE '+' END || lpad(CAST(abs(m) // 60 AS VARCHAR), 2, '0') || lpad(CAST(abs(m) % 60 AS VARCHAR), 2, '0');
CREATE MACRO td__time_string(unit, t, pattern, zone) AS strftime(date_trunc(unit, timezone(zone, to_timestamp(CAST(t AS BIGINT)))), pattern);
CREATE MACRO td__time_string_offset(unit, t, zone) AS td__time_string(unit, t, '%Y-%m-%d %H:%M:%S', zone) || td__offset(sql__trunc_zone(unit, CAST(t AS BIGINT), zone), zone);
CREATE MACRO td__time_parse(s, zone) AS CASE WHEN typeof(s) = 'VARCHAR' THEN td__text_time(CAST(s AS VARCHAR), zone) WHEN typeof(s) LIKE 'TIMESTAMP%' OR typeof(s) = 'DATE' THEN CAST(epoch(timezone(zone, TRY_CAST(s AS TIMESTAMP))) AS BIGINT) ELSE TRY_CAST(s AS BIGINT) END;
CREATE MACRO td__text_time(s, zone) AS CASE WHEN regexp_matches(s, '\d{1,2}:\d\d.*([+-]\d\d:?\d\d|[A-Za-z])$') THEN CAST(epoch(TRY_CAST(td__long_zone(s) AS TIMESTAMPTZ)) AS BIGINT) ELSE coalesce(TRY_CAST(s AS BIGINT), CAST(epoch(timezone(zone, TRY_CAST(s AS TIMESTAMP))) AS BIGINT)) END;
-- The engine takes EST for five hours all year, and knows no PDT.
CREATE MACRO td__long_zone(s) AS regexp_replace(regexp_replace(regexp_replace(regexp_replace(s, ' P[SD]T$', ' America/Los_Angeles'), ' M[SD]T$', ' America/Denver'), ' C[SD]T$', ' America/Chicago'), ' E[SD]T$', ' America/New_York');
CREATE MACRO td__md5(s) AS md5(s);
CREATE MACRO td__url_decode(s) AS TRY(url_decode(replace(s, '+', ' ')));
