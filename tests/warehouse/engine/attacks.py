"""What somebody might write to get at more than the tables. {secret} is a Parquet file of a table the statement does not
name, {folder} a folder the process may write to."""

BOTH = [
    # functions that read files, wherever a query can stand
    "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_csv_auto('/etc/passwd')", "SELECT * FROM read_text('/etc/passwd')",
    "SELECT content FROM read_text('../../../etc/passwd')", "SELECT * FROM read_blob('/proc/self/environ')", "SELECT * FROM READ_TEXT('/proc/self/environ')",
    "SELECT * FROM read_json('/etc/passwd')", "SELECT * FROM read_ndjson_objects('/etc/passwd')", "SELECT * FROM read_parquet('{secret}')",
    "SELECT * FROM read_parquet(ARRAY['{secret}'])", "SELECT * FROM parquet_scan('{secret}')", "SELECT * FROM parquet_metadata('{secret}')",
    "SELECT * FROM parquet_schema('{secret}')", "SELECT * FROM parquet_file_metadata('{secret}')", "SELECT * FROM parquet_kv_metadata('{secret}')",
    "SELECT * FROM glob('/etc/*')", "SELECT * FROM sniff_csv('/etc/passwd')", "SELECT * FROM read_duckdb('{folder}/x.db')",
    "SELECT * FROM sqlite_scan('{folder}/x.db', 't')", "SELECT * FROM postgres_scan('host=127.0.0.1', 'public', 't')", "SELECT * FROM iceberg_scan('{folder}')",
    "SELECT * FROM delta_scan('{folder}')", "SELECT read_text('/etc/passwd')", "SELECT (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM read_text('/etc/passwd'))", "SELECT * FROM www_access WHERE user IN (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT * FROM (SELECT * FROM read_text('/etc/passwd')) t", "SELECT * FROM www_access a JOIN read_text('/etc/passwd') b ON true",
    "SELECT * FROM www_access, LATERAL (SELECT * FROM read_text('/etc/passwd')) u", "SELECT * FROM LATERAL read_text('/etc/passwd')",
    "SELECT * FROM TABLE(read_text('/etc/passwd'))", "WITH t AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM t",
    "WITH read_text AS (SELECT 1 x) SELECT * FROM read_text('/etc/passwd')", "SELECT 1 UNION ALL SELECT content FROM read_text('/etc/passwd')",
    "SELECT * FROM www_access ORDER BY (SELECT content FROM read_text('/etc/passwd'))", "SELECT count(*) FROM www_access GROUP BY (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT count(*) FROM www_access HAVING (SELECT content FROM read_text('/etc/passwd')) = ''", "SELECT * FROM www_access LIMIT (SELECT size FROM read_text('/etc/passwd'))",
    "SELECT sum(code) OVER (ORDER BY (SELECT content FROM read_text('/etc/passwd'))) FROM www_access", "VALUES (read_text('/etc/passwd'))",
    "SELECT CASE WHEN true THEN getenv('HOME') END", "SELECT coalesce(NULL, read_blob('/etc/passwd'))", "SELECT \"read_text\"('/etc/passwd')",
    "SELECT main.read_text('/etc/passwd')", "SELECT system.main.getenv('HOME')", "SELECT sample_datasets.read_text('/etc/passwd')", "SELECT * FROM sample_datasets.read_text('/etc/passwd')",
    "CREATE TABLE stolen AS SELECT * FROM read_text('/etc/passwd')", "CREATE TABLE stolen AS SELECT * FROM '/etc/passwd'", "INSERT INTO www_access SELECT * FROM read_text('/etc/passwd')",
    "INSERT INTO www_access VALUES ((SELECT content FROM read_text('/etc/passwd')))",
    # names that are files, addresses or variables of the program
    "SELECT * FROM '/etc/passwd'", "SELECT * FROM 'work/secret.csv'", "SELECT * FROM '{secret}'", "SELECT * FROM sample_datasets.'{secret}'",
    "SELECT * FROM https://example.com/x.parquet", "SELECT * FROM 'https://example.com/x.parquet'", "SELECT * FROM read_parquet('https://example.com/x.parquet')",
    "SELECT * FROM 's3://bucket/x.parquet'", "SELECT * FROM read_csv('s3://bucket/x.csv')", "SELECT * FROM statement", "SELECT * FROM con", "SELECT * FROM views", "SELECT * FROM os",
    # catalogs and settings of the engine
    "SELECT * FROM information_schema.tables", "SELECT * FROM system.information_schema.tables", "SELECT * FROM system.runtime.nodes", "SELECT * FROM pg_catalog.pg_tables",
    "SELECT * FROM sqlite_master", "SELECT * FROM main.duckdb_views", "SELECT * FROM system.main.duckdb_settings", "SELECT * FROM duckdb_settings()", "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_views()", "SELECT * FROM duckdb_databases()", "SELECT * FROM duckdb_functions()", "SELECT * FROM duckdb_logs()", "SELECT * FROM pragma_database_list()", "SELECT * FROM pragma_version()",
    "SELECT * FROM pragma_user_agent()", "SELECT * FROM pragma_storage_info('www_access')", "SELECT * FROM which_secret('s3://a', 's3')", "SELECT current_setting('allowed_paths')",
    "SELECT current_setting('temp_directory')", "SELECT getenv('HOME')", "SELECT getvariable('x')", "SELECT current_query()", "SELECT current_database()", "SELECT current_schemas(true)",
    "SELECT current_user", "SELECT version()", "SELECT txid_current()", "SELECT pg_get_viewdef('x')", "SELECT write_log('x')", "SELECT nextval('x')", "SELECT * FROM temp.x", "SELECT * FROM memory.main.x",
    # SQL inside text
    "SELECT * FROM query('SELECT 42')", "SELECT * FROM query_table('www_access')", "SELECT json_serialize_sql('SELECT 1')", "SELECT json_serialize_plan('SELECT 1')",
    "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))", "SELECT * FROM sql_auto_complete('x')", "SELECT * FROM from_substrait('x')", "EXECUTE IMMEDIATE 'SELECT 1'", "PREPARE x FROM SELECT 1",
    # statements that are no query
    "ATTACH '{folder}/x.db' AS x", "ATTACH ':memory:' AS x", "DETACH memory", "USE memory", "COPY (SELECT 1) TO '{folder}/stolen.csv'", "COPY www_access TO '{folder}/stolen.csv'",
    "COPY www_access FROM '/etc/passwd'", "EXPORT DATABASE '{folder}/stolen'", "IMPORT DATABASE '{folder}'", "INSTALL httpfs", "FORCE INSTALL httpfs", "LOAD httpfs", "LOAD '{folder}/x.duckdb_extension'",
    "UPDATE EXTENSIONS", "SET enable_external_access=true", "SET memory_limit='20GB'", "SET SESSION x = 1", "SET GLOBAL allowed_paths=['/']", "SET VARIABLE x = 1", "RESET lock_configuration",
    "RESET ALL", "PRAGMA database_list", "PRAGMA enable_profiling", "CALL pragma_version()", "CALL enable_logging()", "SHOW TABLES", "SHOW ALL TABLES", "DESCRIBE www_access", "SUMMARIZE www_access",
    "EXPLAIN SELECT 1", "EXPLAIN ANALYZE SELECT 1", "CHECKPOINT", "VACUUM", "ANALYZE www_access", "BEGIN", "COMMIT", "START TRANSACTION", "GRANT SELECT ON www_access TO x",
    "DROP TABLE www_access", "DROP VIEW sample_datasets.www_access", "DROP SCHEMA sample_datasets", "ALTER TABLE www_access ADD COLUMN x int", "TRUNCATE TABLE www_access", "DELETE FROM www_access", "UPDATE www_access SET code = 1",
    "MERGE INTO www_access USING www_access ON true WHEN MATCHED THEN DELETE", "CREATE TABLE stolen (a int)", "CREATE VIEW stolen AS SELECT 1", "CREATE OR REPLACE TABLE www_access AS SELECT 1",
    "CREATE TEMP TABLE stolen AS SELECT 1", "CREATE TABLE stolen WITH (format = 'csv') AS SELECT 1", "CREATE EXTERNAL TABLE stolen LOCATION '{folder}' AS SELECT 1", "CREATE TABLE stolen STORED AS ORC AS SELECT 1",
    "CREATE TABLE stolen LIKE www_access", "CREATE SCHEMA stolen", "CREATE DATABASE stolen", "CREATE MACRO f() AS 1", "CREATE FUNCTION f() RETURNS int RETURN 1", "CREATE TYPE x AS int", "CREATE SEQUENCE x", "CREATE SECRET s (TYPE s3)",
    "CREATE TABLE system.main.stolen AS SELECT 1", "PIVOT www_access ON code USING count(*)",
    # writes that reach further than one table's rows
    "INSERT OVERWRITE DIRECTORY '{folder}' SELECT 1", "INSERT OVERWRITE LOCAL DIRECTORY '{folder}' SELECT 1", "INSERT INTO www_access PARTITION (dt = 'x') SELECT 1", "INSERT OR REPLACE INTO www_access SELECT 1",
    "INSERT INTO www_access SELECT 1 RETURNING *", "INSERT INTO www_access SELECT 1 ON CONFLICT DO NOTHING", "INSERT INTO www_access DEFAULT VALUES", "INSERT INTO www_access BY NAME SELECT 1 AS code",
    "WITH x AS (INSERT INTO www_access SELECT 1) SELECT * FROM x", "SELECT * FROM (INSERT INTO www_access SELECT 1)", "SELECT * FROM (CREATE TABLE stolen AS SELECT 1)", "SELECT * FROM (COPY www_access TO '{folder}/stolen.csv')",
    "SELECT * FROM (DESCRIBE www_access)", "SELECT * FROM (DROP TABLE www_access)", "SELECT 1 INTO stolen",
    # more than one statement, and comments that hide one
    "SELECT 1; DROP TABLE www_access", "SELECT 1; SELECT 2", "SELECT 1;\n\n-- and\nCOPY (SELECT 1) TO '{folder}/stolen.csv'", "SELECT 1 /* ; */ ; SELECT 2", "/* SELECT 1 */ COPY (SELECT 1) TO '{folder}/stolen.csv'",
    "-- SELECT 1\nDROP TABLE www_access", "SELECT 1 /* */; /* */ DROP TABLE www_access", ";;DROP TABLE www_access", "SELECT 1); COPY (SELECT 1) TO '{folder}/stolen.csv' --", "SELECT 1) AS r(c0)) TO '{folder}/stolen.csv' (FORMAT csv); --",
    # macros of this product, called by their inner names; the engine's own doors
    "SELECT sql__fail('x')", "SELECT presto__divide(1, 2)", "SELECT hive__at(ARRAY[1], 1)", "SELECT td__md5('a')", "SELECT at_array(ARRAY[1], 1, 1)", "SELECT error('x')", "SELECT sleep_ms(10)", "SELECT * FROM arrow_scan(1, 2, 3)",
    "SELECT * FROM pandas_scan(1)", "SELECT * FROM python_map_function(1)", "SELECT * FROM range(10)", "SELECT * FROM generate_series(1, 10)", "SELECT * FROM repeat(1, 10)", "SELECT * FROM test_all_types()", "SELECT columns('c.*') FROM www_access",
    "SELECT struct_pack(a := 1)", "SELECT f(a => 1)", "SELECT ?", "SELECT :x", "SELECT @x", "SELECT enum_range(NULL)", "SELECT CAST('/etc/passwd' AS regclass)", "SELECT CAST(1 AS enum('a'))",
    # clauses that only the engine has
    "SELECT * FROM www_access ASOF JOIN nothing_yet b ON true", "SELECT DISTINCT ON (code) code FROM www_access", "SELECT 1 UNION BY NAME SELECT 2",
    "SELECT * EXCLUDE (code) FROM www_access", "SELECT * REPLACE (1 AS code) FROM www_access", "SELECT * FROM www_access PIVOT (count(*) FOR code IN (200))", "SELECT * FROM www_access AT (VERSION => 1)", "SELECT code FROM www_access GROUP BY ALL",
    "SELECT * FROM www_access TABLESAMPLE reservoir(10)", "SELECT 'a' COLLATE nocase",
]  # fmt: skip

PRESTO = [
    'SELECT * FROM "/etc/passwd"', 'SELECT * FROM "{secret}"', 'SELECT * FROM sample_datasets."{secret}"', 'SELECT * FROM "https://example.com/x.csv"', 'SELECT * FROM "read_text"(\'/etc/passwd\')',
    'WITH t AS (SELECT * FROM "/etc/passwd") SELECT * FROM t', 'SELECT * FROM "www_access"" UNION SELECT * FROM ""/etc/passwd"', 'SELECT * FROM UNNEST((SELECT array_agg(content) FROM read_text(\'/etc/passwd\'))) AS t (x)',
    "SELECT * FROM UNNEST(glob('/etc/*'))", "SELECT transform(ARRAY['/etc/passwd'], x -> read_text(x))", "SELECT transform(ARRAY['HOME'], x -> getenv(x))", "SELECT reduce(ARRAY[1], 0, (s, x) -> query('x'), s -> s)",
    "SELECT filter(ARRAY['x'], read_text -> read_text(read_text) = '')", "SELECT * FROM www_access FOR VERSION AS OF 1", "SELECT * FROM TABLE(system.query(query => 'SELECT 1'))", "SELECT * FROM TABLE(exclude_columns(TABLE www_access, DESCRIPTOR(code)))",
    "WITH FUNCTION f(x int) RETURNS int RETURN x SELECT f(1)", "INSERT OVERWRITE TABLE www_access SELECT 1", "SELECT * FROM www_access MATCH_RECOGNIZE (PATTERN (A) DEFINE A AS true)", "DEALLOCATE PREPARE x", "EXECUTE x",
    "SET SESSION AUTHORIZATION x", "SELECT current_catalog", "SELECT localtime", "SELECT {{'a': 1}}", "SELECT * FROM JSON_TABLE('[]', '$' COLUMNS (a int))",
]  # fmt: skip

HIVE = [
    "SELECT * FROM `/etc/passwd`", "SELECT * FROM `{secret}`", "SELECT * FROM sample_datasets.`{secret}`", "SELECT * FROM `https://example.com/x.csv`", "SELECT `read_text`('/etc/passwd')", 'SELECT * FROM "/etc/passwd"',
    "SELECT reflect('java.lang.System', 'getenv', 'HOME')", "SELECT java_method('java.lang.Runtime', 'getRuntime')", "SELECT reflect2('a', 'b')", "SELECT TRANSFORM(code) USING '/bin/cat' AS (x string) FROM www_access",
    "FROM www_access MAP code USING '/bin/cat' AS x SELECT *", "FROM www_access INSERT OVERWRITE TABLE stolen SELECT 1", "FROM www_access INSERT OVERWRITE DIRECTORY '{folder}' SELECT *", "ADD JAR '{folder}/x.jar'", "ADD FILE '{folder}/x'",
    "CREATE TEMPORARY FUNCTION f AS 'x.Y' USING JAR '{folder}/x.jar'", "CREATE TEMPORARY MACRO f(x int) x", "SET hive.exec.dynamic.partition=true", "!sh ls", "dfs -ls /", "source {folder}/x.sql", "LOAD DATA LOCAL INPATH '/etc/passwd' INTO TABLE www_access",
    "SELECT xpath_string('<a/>', 'a')", "SELECT in_file('x', '/etc/passwd')", "SELECT * FROM www_access LATERAL VIEW read_text('/etc/passwd') t AS x", "SELECT * FROM www_access LATERAL VIEW explode(glob('/etc/*')) t AS x",
    "SELECT * FROM www_access LATERAL VIEW explode(array(getenv('HOME'))) t AS x", "SELECT * FROM www_access LATERAL VIEW json_tuple('{{}}', 'a') t AS x", "MSCK REPAIR TABLE www_access", "REFRESH TABLE www_access", "SELECT ${{hiveconf:x}}", "SELECT current_user()",
    "INSERT OVERWRITE TABLE www_access PARTITION (dt = 'x') SELECT 1", "INSERT OVERWRITE TABLE stolen SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM www_access TABLESAMPLE (BUCKET 1 OUT OF 2 ON code)",
]  # fmt: skip
