/**
 * Snowflake functions whose meaning differs from DuckDB's function of the same name, or which DuckDB lacks. Each is
 * rewritten to a macro of duckdb-macros.ts before the dialect translation sees it.
 */
export const RENAMED: Record<string, string> = {};
const renamed = (macro: string, ...names: string[]): void => {
  for (const name of names) RENAMED[name] = macro;
};
renamed('sf_iff', 'IFF');
renamed('sf_coalesce', 'NVL', 'IFNULL');
renamed('sf_nvl2', 'NVL2');
renamed('sf_zeroifnull', 'ZEROIFNULL');
renamed('sf_equal_null', 'EQUAL_NULL');
renamed('sf_div0', 'DIV0');
renamed('sf_array_contains', 'ARRAY_CONTAINS');
renamed('sf_array_size', 'ARRAY_SIZE');
renamed('sf_array_to_string', 'ARRAY_TO_STRING');
renamed('sf_array_distinct', 'ARRAY_DISTINCT');
renamed('sf_array_cat', 'ARRAY_CAT');
renamed('sf_array_append', 'ARRAY_APPEND');
renamed('sf_array_intersection', 'ARRAY_INTERSECTION');
renamed('sf_arrays_overlap', 'ARRAYS_OVERLAP');
renamed('sf_array_unique_agg', 'ARRAY_UNIQUE_AGG');
renamed('sf_object_agg', 'OBJECT_AGG');
renamed('sf_object_keys', 'OBJECT_KEYS');
renamed('sf_parse_json', 'PARSE_JSON');
renamed('sf_try_parse_json', 'TRY_PARSE_JSON', 'CHECK_JSON');
renamed('sf_to_json', 'TO_JSON');
renamed('sf_variant', 'TO_VARIANT', 'TO_ARRAY', 'TO_OBJECT', 'AS_ARRAY', 'AS_OBJECT');
renamed('sf_typeof', 'TYPEOF');
renamed('sf_is_array', 'IS_ARRAY');
renamed('sf_is_object', 'IS_OBJECT');
renamed('sf_text', 'TO_VARCHAR', 'TO_CHAR', 'AS_VARCHAR', 'AS_CHAR');
renamed('sf_int', 'TO_NUMBER', 'TO_DECIMAL', 'TO_NUMERIC', 'AS_INTEGER', 'AS_NUMBER');
renamed('sf_try_int', 'TRY_TO_NUMBER', 'TRY_TO_DECIMAL', 'TRY_TO_NUMERIC');
renamed('sf_double', 'TO_DOUBLE', 'AS_DOUBLE');
renamed('sf_num', 'TRY_TO_DOUBLE');
renamed('sf_boolean', 'TO_BOOLEAN', 'AS_BOOLEAN');
renamed('sf_bool', 'TRY_TO_BOOLEAN');
renamed('sf_date', 'TO_DATE');
renamed('sf_try_date', 'TRY_TO_DATE');
renamed('sf_ts', 'TO_TIMESTAMP', 'TO_TIMESTAMP_NTZ', 'TO_TIMESTAMP_LTZ', 'TO_TIMESTAMP_TZ');
renamed('sf_try_ts', 'TRY_TO_TIMESTAMP', 'TRY_TO_TIMESTAMP_NTZ', 'TRY_TO_TIMESTAMP_LTZ', 'TRY_TO_TIMESTAMP_TZ');
renamed('sf_convert_timezone', 'CONVERT_TIMEZONE');
renamed('sf_dateadd', 'DATEADD', 'TIMESTAMPADD', 'TIMEADD');
renamed('sf_datediff', 'DATEDIFF', 'TIMESTAMPDIFF', 'TIMEDIFF');
renamed('sf_date_trunc', 'DATE_TRUNC', 'TRUNC_TIMESTAMP');
renamed('sf_date_part', 'DATE_PART');
renamed('sf_time_slice', 'TIME_SLICE');
renamed('sf_regexp_like', 'REGEXP_LIKE', 'RLIKE');
renamed('sf_regexp_substr', 'REGEXP_SUBSTR');
renamed('sf_regexp_count', 'REGEXP_COUNT');
renamed('sf_regexp_replace', 'REGEXP_REPLACE');
renamed('sf_contains', 'CONTAINS');
renamed('sf_startswith', 'STARTSWITH');
renamed('sf_endswith', 'ENDSWITH');
renamed('sf_split', 'SPLIT');
renamed('sf_sha2', 'SHA2', 'SHA2_HEX');
renamed('sf_haversine', 'HAVERSINE');
renamed('bool_or', 'BOOLOR_AGG');
renamed('bool_and', 'BOOLAND_AGG');

/** Functions whose first argument (third for TIME_SLICE) is a unit written as a bare word or a string. */
export const UNIT_ARGUMENT: Record<string, number> = {
  DATEADD: 0,
  TIMESTAMPADD: 0,
  TIMEADD: 0,
  DATEDIFF: 0,
  TIMESTAMPDIFF: 0,
  TIMEDIFF: 0,
  DATE_TRUNC: 0,
  DATE_PART: 0,
  TIME_SLICE: 2,
};

/** Functions on text: a VARIANT argument becomes its text, not DuckDB's rendering of a struct. */
export const ON_TEXT = new Set(
  (
    'LOWER UPPER INITCAP TRIM LTRIM RTRIM LENGTH LEN SUBSTR SUBSTRING LEFT RIGHT REPLACE CONCAT CONCAT_WS SPLIT SPLIT_PART STRTOK ' +
    'CONTAINS STARTSWITH ENDSWITH CHARINDEX POSITION REGEXP_LIKE RLIKE REGEXP_SUBSTR REGEXP_COUNT REGEXP_REPLACE REVERSE ' +
    'LPAD RPAD MD5 SHA2 LISTAGG TO_VARCHAR TO_CHAR PARSE_JSON TRY_PARSE_JSON'
  ).split(' '),
);

/** Functions that give a VARIANT. */
export const GIVES_VARIANT = new Set(
  'PARSE_JSON TRY_PARSE_JSON GET GET_PATH TO_VARIANT TO_ARRAY TO_OBJECT OBJECT_CONSTRUCT ARRAY_CONSTRUCT OBJECT_AGG SPLIT'.split(
    ' ',
  ),
);

const UNITS: Record<string, string> = {};
for (const names of [
  'year y yy yyy yyyy yr years yrs',
  'quarter q qtr qtrs quarters',
  'month mm mon mons months',
  'week w wk weekofyear woy wy weeks',
  'day d dd days dayofmonth',
  'hour h hh hr hours hrs',
  'minute m mi min minutes mins',
  'second s sec seconds secs',
  'millisecond ms msec milliseconds',
  'microsecond us usec microseconds',
  'dayofweek dow dw weekday',
  'dayofyear doy dy yearday',
  'epoch epoch_second epoch_seconds',
]) {
  const [unit = '', ...others] = names.split(' ');
  for (const name of [unit, ...others]) UNITS[name] = unit;
}

/** DuckDB's name of a Snowflake date part (`hh` -> `hour`); unknown names pass as they are. */
export function dateUnit(text: string): string {
  const unit = text.toLowerCase();
  return UNITS[unit] ?? unit;
}

/** Pieces of an interval literal such as `1 day, 2 hours` or `-90m`; undefined when it cannot be read. */
export function intervalParts(text: string): { count: number; unit: string }[] | undefined {
  const parts: { count: number; unit: string }[] = [];
  const rest = text.replace(
    /\s*,?\s*([+-]?\s*\d+(?:\.\d+)?)\s*([a-z_]+)?/gi,
    (_match, count: string, unit?: string) => {
      parts.push({ count: Number(count.replace(/\s/g, '')), unit: dateUnit(unit ?? 'second') });
      return '';
    },
  );
  return rest.trim() === '' && parts.length > 0 ? parts : undefined;
}

const FORMAT_PARTS: [RegExp, string][] = [
  [/^YYYY/i, '%Y'],
  [/^YY/i, '%y'],
  [/^MMMM/i, '%B'],
  [/^MON/i, '%b'],
  [/^MM/i, '%m'],
  [/^DD/i, '%d'],
  [/^DY/i, '%a'],
  [/^HH24/i, '%H'],
  [/^HH12/i, '%I'],
  [/^HH/i, '%H'],
  [/^MI/i, '%M'],
  [/^SS/i, '%S'],
  [/^FF[0-9]?/i, '%g'],
  [/^(?:AM|PM)/i, '%p'],
  [/^TZH:?TZM/i, '+00:00'],
  [/^"([^"]*)"/, '$1'],
];

/** A Snowflake date format (`YYYY-MM-DD HH24:MI:SS`) as a strftime one. */
export function strftimeFormat(format: string): string {
  let out = '';
  let rest = format;
  while (rest !== '') {
    const part = FORMAT_PARTS.find(([pattern]) => pattern.test(rest));
    const match = part?.[0].exec(rest)?.[0] ?? rest.slice(0, 1);
    out += part ? match.replace(part[0], part[1]) : match.replace('%', '%%');
    rest = rest.slice(match.length);
  }
  return out;
}
