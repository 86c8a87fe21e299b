-- sql__fail stops the query with its text. A failing cast, not error(): TRY() refuses volatile functions.
CREATE MACRO sql__fail(message) AS CAST('§' || message AS INTEGER);
-- Java's Double.toString: plain from 1e-3 to 1e7, else scientific with at least one decimal.
CREATE MACRO sql__java_double(x) AS CASE WHEN isnan(x) THEN 'NaN' WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END WHEN x = 0 THEN CASE WHEN CAST(x AS VARCHAR) LIKE '-%' THEN '-0.0' ELSE '0.0' END ELSE sql__java_digits(CAST(x AS VARCHAR), abs(x) >= 0.001 AND abs(x) < 10000000) END;
CREATE MACRO sql__java_digits(s, plain) AS CASE WHEN plain AND s NOT LIKE '%e%' THEN CASE WHEN s LIKE '%.%' THEN s ELSE s || '.0' END ELSE sql__scientific(CASE WHEN s LIKE '-%' THEN '-' ELSE '' END, sql__digits(regexp_extract(s, '^-?([0-9.]+)', 1)), coalesce(TRY_CAST(regexp_extract(s, 'e(.*)$', 1) AS INTEGER), 0), regexp_extract(s, '^-?([0-9.]+)', 1)) END;
CREATE MACRO sql__digits(s) AS regexp_replace(replace(s, '.', ''), '^0+', '');
CREATE MACRO sql__scientific(sign, digits, e, s) AS sign || digits[1] || '.' || CASE WHEN rtrim(digits[2:], '0') = '' THEN '0' ELSE rtrim(digits[2:], '0') END || 'E' || CAST(e + CASE WHEN s LIKE '0.%' THEN -1 - length(regexp_extract(s, '^0\.(0*)', 1)) ELSE length(split_part(s, '.', 1)) - 1 END AS VARCHAR);
CREATE MACRO sql__trunc_zone(unit, t, zone) AS CAST(epoch(timezone(zone, date_trunc(unit, timezone(zone, to_timestamp(t))))) AS BIGINT);
CREATE MACRO sql__url_query_value(u, k) AS url_decode(replace(regexp_extract(u, '^[^?#]*\?(?:[^#]*&)?' || regexp_escape(k) || '=([^&#]*)', 1), '+', ' '));
-- Of whole numbers, rounded half away from zero.
CREATE MACRO sql__quotient(n, d) AS (abs(n) * 2 + abs(d)) // (abs(d) * 2) * CAST(sign(n) * sign(d) AS HUGEINT);
CREATE MACRO sql__map_pairs(pairs) AS map_from_entries(list_filter(pairs, lambda sql__e, sql__i: sql__i = 1 OR pairs[sql__i - 1].k <> sql__e.k));
CREATE MACRO sql__unique(a) AS list_filter(a, lambda sql__e, sql__i: list_position(a, sql__e) = sql__i);
-- NULL where the text is no JSON. Inside every use, because the optimizer may evaluate both sides of a CASE.
CREATE MACRO sql__json(j) AS CASE WHEN json_valid(j) THEN j END;
CREATE MACRO sql__json_text(j) AS CASE WHEN json_type(sql__json(j)) <> 'NULL' THEN json_extract_string(sql__json(j), '$') END;
CREATE MACRO sql__any(answers) AS CASE WHEN list_contains(answers, true) THEN true WHEN list_position(answers, NULL) > 0 THEN NULL WHEN answers IS NOT NULL THEN false END;
CREATE MACRO sql__all(answers) AS CASE WHEN list_contains(answers, false) THEN false WHEN list_position(answers, NULL) > 0 THEN NULL WHEN answers IS NOT NULL THEN true END;
-- Trino's text of an interval: months or days and time, never both.
CREATE MACRO sql__interval(i) AS CASE WHEN datepart('year', i) <> 0 OR datepart('month', i) <> 0 THEN CASE WHEN datepart('year', i) * 12 + datepart('month', i) < 0 THEN '-' ELSE '' END || abs(datepart('year', i) * 12 + datepart('month', i)) // 12 || '-' || abs(datepart('year', i) * 12 + datepart('month', i)) % 12 ELSE sql__milliseconds(CAST(round(epoch(i) * 1000) AS BIGINT)) END;
CREATE MACRO sql__milliseconds(ms) AS CASE WHEN ms < 0 THEN '-' ELSE '' END || abs(ms) // 86400000 || ' ' || lpad(CAST(abs(ms) // 3600000 % 24 AS VARCHAR), 2, '0') || ':' || lpad(CAST(abs(ms) // 60000 % 60 AS VARCHAR), 2, '0') || ':' || lpad(CAST(abs(ms) // 1000 % 60 AS VARCHAR), 2, '0') || '.' || lpad(CAST(abs(ms) % 1000 AS VARCHAR), 3, '0');
