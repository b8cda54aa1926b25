/**
 * What Snowflake functions mean, written as DuckDB macros. Values of Snowflake's VARIANT, OBJECT and ARRAY types are
 * DuckDB VARIANTs (ARRAY columns of text are VARCHAR[]); timestamps are UTC without a zone.
 */
const MACROS: [signature: string, ...bodies: string[]][] = [
  // Paths. A path into something that is no object or array is NULL, as in Snowflake.
  ['sf_key(x, k)', 'variant_extract(x::VARIANT, k)'],
  ['sf_at(x, i)', 'variant_extract(x::VARIANT, (i + 1)::UINTEGER)'],
  ['sf_item(x, i)', 'list_extract(TRY_CAST(x::VARIANT AS VARIANT[]), i + 1)'],
  // Casts.
  ['sf_variant(x)', 'x::VARIANT'],
  [
    'sf_text(x)',
    `CASE WHEN typeof(x) = 'VARCHAR' THEN x::VARCHAR
      WHEN typeof(x) LIKE '%]' OR typeof(x) LIKE 'STRUCT%' OR typeof(x) LIKE 'MAP%'
        OR left(variant_typeof(x::VARIANT), 5) IN ('OBJEC', 'ARRAY') THEN (x::VARIANT)::JSON::VARCHAR
      WHEN typeof(x) = 'TIMESTAMP' THEN strftime(TRY_CAST(x::VARCHAR AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%g')
      ELSE x::VARCHAR END`,
  ],
  ['sf_int(x)', 'CAST(x AS BIGINT)'],
  ['sf_try_int(x)', 'TRY_CAST(TRY_CAST(x::VARCHAR AS DECIMAL(38, 9)) AS BIGINT)'],
  ['sf_double(x)', 'CAST(x AS DOUBLE)'],
  ['sf_num(x)', 'TRY_CAST(x::VARCHAR AS DOUBLE)'],
  ['sf_boolean(x)', 'CAST(x AS BOOLEAN)'],
  ['sf_bool(x)', 'TRY_CAST(x::VARCHAR AS BOOLEAN)'],
  ['sf_try_date(x)', 'TRY_CAST(x::VARCHAR AS DATE)'],
  [
    'sf_try_ts(x)',
    'COALESCE(TRY_CAST(x::VARCHAR AS TIMESTAMP), make_timestamp((TRY_CAST(x::VARCHAR AS DOUBLE) * CASE WHEN abs(TRY_CAST(x::VARCHAR AS DOUBLE)) > 31536000000 THEN 1000 ELSE 1000000 END)::BIGINT))',
  ],
  ['sf_ts(x)', 'COALESCE(sf_try_ts(x), CAST(x::VARCHAR AS TIMESTAMP))'],
  ['sf_date(x)', 'COALESCE(TRY_CAST(x::VARCHAR AS DATE), CAST(sf_ts(x) AS DATE))'],
  ['sf_format(x, f)', 'strftime(sf_ts(x), f)'],
  ['sf_parse_json(x)', 'CAST(sf_text(x) AS JSON)::VARIANT'],
  ['sf_try_parse_json(x)', 'TRY_CAST(sf_text(x) AS JSON)::VARIANT'],
  ['sf_json(x)', "NULLIF((x::VARIANT)::JSON::VARCHAR, 'null')::JSON"],
  // Numbers by value, then the rest by text.
  [
    'sf_sort(x)',
    "CASE WHEN x IS NULL THEN NULL ELSE {'number': COALESCE(sf_num(x), 'Infinity'::DOUBLE), 'text': sf_text(x)} END",
  ],
  ['sf_to_json(x)', '(x::VARIANT)::JSON::VARCHAR'],
  [
    'sf_typeof(x)',
    `CASE WHEN x IS NULL THEN NULL ELSE CASE split_part(variant_typeof(x::VARIANT), '(', 1)
      WHEN 'OBJECT' THEN 'OBJECT' WHEN 'ARRAY' THEN 'ARRAY' WHEN 'VARCHAR' THEN 'VARCHAR' WHEN 'BOOL_TRUE' THEN 'BOOLEAN'
      WHEN 'BOOL_FALSE' THEN 'BOOLEAN' WHEN 'DECIMAL' THEN 'DECIMAL' WHEN 'DOUBLE' THEN 'DOUBLE' WHEN 'FLOAT' THEN 'DOUBLE'
      WHEN 'TIMESTAMP_MICROS' THEN 'TIMESTAMP_NTZ' WHEN 'DATE' THEN 'DATE' ELSE 'INTEGER' END END`,
  ],
  ['sf_is_array(x)', "variant_typeof(x::VARIANT) LIKE 'ARRAY%'"],
  ['sf_is_object(x)', "variant_typeof(x::VARIANT) LIKE 'OBJECT%'"],
  // Conditions.
  ['sf_iff(c, a, b)', 'CASE WHEN c THEN a ELSE b END'],
  ['sf_coalesce(a, b)', 'COALESCE(a, b)'],
  ['sf_nvl2(x, a, b)', 'CASE WHEN x IS NOT NULL THEN a ELSE b END'],
  ['sf_zeroifnull(x)', 'COALESCE(x, 0)'],
  ['sf_equal_null(a, b)', 'a IS NOT DISTINCT FROM b'],
  ['sf_div0(a, b)', 'CASE WHEN b = 0 THEN 0 ELSE a / b END'],
  // Arrays and objects.
  ['sf_strings(x)', 'TRY_CAST(x AS VARCHAR[])'],
  ['sf_array_contains(v, a)', 'list_contains(sf_strings(a), v::VARCHAR)'],
  ['sf_array_size(a)', 'len(TRY_CAST(a::VARIANT AS VARIANT[]))'],
  ['sf_array_to_string(a, s)', 'array_to_string(sf_strings(a), s)'],
  ['sf_array_distinct(a)', 'list_distinct(sf_strings(a))::VARIANT'],
  ['sf_array_cat(a, b)', 'list_concat(TRY_CAST(a::VARIANT AS VARIANT[]), TRY_CAST(b::VARIANT AS VARIANT[]))::VARIANT'],
  ['sf_array_append(a, v)', 'list_append(TRY_CAST(a::VARIANT AS VARIANT[]), v::VARIANT)::VARIANT'],
  ['sf_array_intersection(a, b)', 'list_intersect(sf_strings(a), sf_strings(b))::VARIANT'],
  ['sf_arrays_overlap(a, b)', 'list_has_any(sf_strings(a), sf_strings(b))'],
  ['sf_array_unique_agg(x)', 'list(DISTINCT x) FILTER (WHERE x IS NOT NULL)'],
  ['sf_object_agg(k, v)', 'json_group_object(sf_text(k), sf_json(v))::VARIANT'],
  ['sf_object_keys(x)', 'json_keys(sf_json(x))::VARIANT'],
  // A key whose value is NULL is left out, as OBJECT_CONSTRUCT does it.
  ['sf_object(o)', "json_merge_patch('{}', o)::VARIANT"],
  ['sf_join(l, s)', "COALESCE(array_to_string(list_transform(l, lambda e: sf_text(e)), s), '')"],
  // Time.
  [
    'sf_interval(u, n)',
    `CASE u WHEN 'year' THEN to_months(12 * n::INTEGER) WHEN 'quarter' THEN to_months(3 * n::INTEGER) WHEN 'month' THEN to_months(n::INTEGER)
      WHEN 'week' THEN to_days(7 * n::INTEGER) WHEN 'day' THEN to_days(n::INTEGER) WHEN 'hour' THEN to_hours(n::BIGINT)
      WHEN 'minute' THEN to_minutes(n::BIGINT) WHEN 'second' THEN to_seconds(n::DOUBLE) WHEN 'millisecond' THEN to_milliseconds(n::DOUBLE)
      WHEN 'microsecond' THEN to_microseconds(n::BIGINT) ELSE error('Invalid date part: ' || u) END`,
  ],
  ['sf_dateadd(u, n, t)', 'sf_ts(t) + sf_interval(u, n)'],
  ['sf_datediff(u, a, b)', 'date_diff(u, sf_ts(a), sf_ts(b))'],
  ['sf_date_trunc(u, t)', 'date_trunc(u, sf_ts(t))'],
  ['sf_date_part(u, t)', "CASE WHEN u = 'epoch' THEN floor(epoch(sf_ts(t)))::BIGINT ELSE date_part(u, sf_ts(t)) END"],
  ['sf_time_slice(t, n, u)', "time_bucket(sf_interval(u, n), sf_ts(t), TIMESTAMP '1970-01-01')"],
  [
    'sf_convert_timezone',
    "(z, t) AS timezone(z, timezone('UTC', sf_ts(t)))",
    '(f, z, t) AS timezone(z, timezone(f, sf_ts(t)))',
  ],
  // Text.
  [
    'sf_regexp_like',
    '(s, p) AS regexp_full_match(s::VARCHAR, p)',
    "(s, p, o) AS regexp_full_match(s::VARCHAR, CASE WHEN contains(o, 'i') THEN '(?i)' ELSE '' END || p)",
  ],
  [
    'sf_regexp_substr',
    "(s, p) AS NULLIF(regexp_extract(s::VARCHAR, p), '')",
    '(s, p, b) AS regexp_extract_all(substr(s::VARCHAR, b), p)[1]',
    '(s, p, b, n) AS regexp_extract_all(substr(s::VARCHAR, b), p)[n]',
    "(s, p, b, n, o) AS regexp_extract_all(substr(s::VARCHAR, b), p, CASE WHEN o LIKE '%e%' THEN 1 ELSE 0 END)[n]",
    '(s, p, b, n, o, g) AS regexp_extract_all(substr(s::VARCHAR, b), p, g)[n]',
  ],
  ['sf_regexp_count(s, p)', 'len(regexp_extract_all(s::VARCHAR, p))'],
  [
    'sf_regexp_replace',
    "(s, p) AS regexp_replace(s::VARCHAR, p, '', 'g')",
    "(s, p, r) AS regexp_replace(s::VARCHAR, p, r, 'g')",
  ],
  ['sf_contains(s, x)', 'contains(s::VARCHAR, x::VARCHAR)'],
  ['sf_startswith(s, x)', 'starts_with(s::VARCHAR, x::VARCHAR)'],
  ['sf_endswith(s, x)', 'suffix(s::VARCHAR, x::VARCHAR)'],
  ['sf_split(s, x)', 'string_split(s::VARCHAR, x)::VARIANT'],
  ['sf_sha2', '(s) AS sha256(s::VARCHAR)', '(s, n) AS sha256(s::VARCHAR)'],
  [
    'sf_haversine(a, b, c, d)',
    '2 * 6371 * asin(sqrt(pow(sin(radians(c - a) / 2), 2) + cos(radians(a)) * cos(radians(c)) * pow(sin(radians(d - b) / 2), 2)))',
  ],
];

/** Columns of FLATTEN, from the rows of json_each or json_tree. */
const FLATTENED = `1 AS seq, CASE WHEN path_is_array THEN NULL ELSE key END AS key, fullpath AS path,
  CASE WHEN path_is_array THEN TRY_CAST(key AS BIGINT) END AS index, value::VARIANT AS value, parent_value AS this`;

function flatten(each: 'json_each' | 'json_tree'): string {
  return `SELECT ${FLATTENED} FROM (
    SELECT j.key, j.value, ltrim(substr(j.fullkey, 2), '.') AS fullpath, x::VARIANT AS parent_value,
      right(j.fullkey, 1) = ']' AS path_is_array
    FROM ${each}(sf_json(x)) j
    WHERE variant_typeof(x::VARIANT) LIKE 'ARRAY%' OR variant_typeof(x::VARIANT) LIKE 'OBJECT%'
  ) WHERE fullpath <> ''`;
}

const OUTER_ROW = 'SELECT 1, NULL, NULL, NULL, NULL, x::VARIANT';

/** Statements that define every macro in `memory.main`, in an order in which each finds those it uses. */
export const MACRO_STATEMENTS: readonly string[] = [
  ...MACROS.map(([signature, ...bodies]) =>
    bodies.length === 1 && signature.includes('(')
      ? `CREATE MACRO memory.main.${signature} AS ${bodies[0]}`
      : `CREATE MACRO memory.main.${signature} ${bodies.join(', ')}`,
  ),
  `CREATE MACRO memory.main.sf_flatten(x) AS TABLE ${flatten('json_each')}`,
  `CREATE MACRO memory.main.sf_flatten_tree(x) AS TABLE ${flatten('json_tree')}`,
  `CREATE MACRO memory.main.sf_flatten_outer(x) AS TABLE ${flatten('json_each')}
   UNION ALL ${OUTER_ROW} WHERE COALESCE(variant_typeof(x::VARIANT) NOT LIKE 'ARRAY%' AND variant_typeof(x::VARIANT) NOT LIKE 'OBJECT%', TRUE)
     OR sf_to_json(x) IN ('[]', '{}')`,
];
