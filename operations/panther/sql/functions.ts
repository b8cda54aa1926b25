/**
 * Functions are let through by name, and only unqualified built-in ones. The other way round, refusing known dangerous
 * names, would be no safe rule: an unqualified name may be a user-defined or external function of the tenant that sends what
 * it gets to another system, and both databases gain functions that call models, read files or fetch URLs with each release.
 * What it costs: a new harmless function has to be added here before it can be used.
 */
export function isKnownFunction(name: string): boolean {
  return scalar.has(name);
}

/** Functions that make rows out of their arguments and read no table, file or result. */
export function isTableFunction(name: string): boolean {
  return tables.has(name);
}

/** Words that brackets follow without a call. */
export function isBracketWord(word: string): boolean {
  return keywords.has(word) || types.has(word);
}

const words = (text: string) => new Set(text.trim().split(/\s+/));

const tables = words(`
  flatten generator split_to_table strtok_split_to_table explode explode_outer posexplode posexplode_outer inline inline_outer
  stack range json_tuple variant_explode variant_explode_outer
`);

const keywords = words(`
  all and any as asc between by case cube cross desc distinct else end except exclude exists filter for having ilike in is
  join like not on or over overlaps partition qualify regexp rename replace rlike rollup select sets limit offset similar some then to
  top union using values when where within group with without
`);

const types = words(`
  array bigint binary boolean byteint char character date datetime decimal double float int integer map nchar number numeric
  nvarchar object real smallint string struct text time timestamp timestamp_ltz timestamp_ntz timestamp_tz tinyint varbinary
  varchar variant vector
`);

const scalar = words(`
  p_occurs_since p_occurs_between p_occurs_around p_occurs_after p_occurs_before p_current_timestamp

  abs acos acosh asin asinh atan atan2 atanh bround cbrt ceil ceiling cos cosh cot degrees div div0 div0null e exp expm1 factorial
  floor gcd haversine hypot lcm ln log log10 log1p log2 mod negative pi pmod positive pow power radians rand randn random round sign
  signum sin sinh sqrt square tan tanh trunc truncate width_bucket uniform normal zipf randstr seq1 seq2 seq4 seq8 uuid_string uuid

  bit_and bit_count bit_get bit_length bit_or bit_reverse bit_xor bitand bitnot bitor bitxor bitand_agg bitor_agg bitxor_agg
  bitshiftleft bitshiftright getbit shiftleft shiftright shiftrightunsigned

  ascii base64 base64_decode_binary base64_decode_string base64_encode bin btrim char_length character_length charindex chr
  collate collation compress concat concat_ws contains conv decode decompress_binary decompress_string editdistance elt encode
  endswith find_in_set format_number format_string hex hex_decode_binary hex_decode_string hex_encode ilike initcap insert instr
  jaccard_similarity jaro_winkler_similarity jarowinkler_similarity lcase left len length levenshtein like locate lower lpad ltrim
  luhn_check mask md5 md5_binary md5_hex md5_number_lower64 md5_number_upper64 octet_length overlay parse_ip parse_url position
  printf quote regexp regexp_count regexp_extract regexp_extract_all regexp_instr regexp_like regexp_replace regexp_substr
  regexp_substr_all repeat replace reverse right rlike rpad rtrim sentences sha sha1 sha1_binary sha1_hex sha2 sha2_binary
  sha2_hex soundex soundex_p123 space split split_part startswith strtok strtok_to_array substr substring substring_index to_char
  to_varchar translate trim try_base64_decode_binary try_base64_decode_string try_hex_decode_binary try_hex_decode_string
  try_parse_url try_url_decode ucase unbase64 unhex unicode upper url_decode url_encode like_all like_any ilike_all ilike_any
  parse_url_tuple crc32 hash xxhash64 hash_agg

  add_months convert_timezone curdate current_date current_time current_timestamp current_timezone date date_add date_diff
  date_format date_from_parts date_from_unix_date date_part date_sub date_trunc dateadd datediff datefromparts day dayname
  dayofmonth dayofweek dayofweek_iso dayofweekiso dayofyear extract from_unixtime from_utc_timestamp getdate hour last_day
  localtime localtimestamp make_date make_dt_interval make_interval make_timestamp make_timestamp_ltz make_timestamp_ntz
  make_ym_interval minute month monthname months_between next_day now previous_day quarter second sysdate systimestamp
  time_from_parts time_slice timeadd timediff timefromparts timestamp_from_parts timestamp_ltz_from_parts
  timestamp_micros timestamp_millis timestamp_ntz_from_parts timestamp_seconds timestamp_tz_from_parts timestampadd timestampdiff
  to_date to_time to_timestamp to_timestamp_ltz to_timestamp_ntz to_timestamp_tz to_unix_timestamp to_utc_timestamp try_to_date
  try_to_time try_to_timestamp try_to_timestamp_ltz try_to_timestamp_ntz try_to_timestamp_tz unix_date unix_micros unix_millis
  unix_seconds unix_timestamp week weekday weekiso weekofyear window window_time session_window year yearofweek yearofweekiso
  date_part_year

  as_array as_binary as_boolean as_char as_date as_decimal as_double as_integer as_number as_object as_real as_time
  as_timestamp_ltz as_timestamp_ntz as_timestamp_tz as_varchar cast is_array is_binary is_boolean is_char is_date is_date_value
  is_decimal is_double is_integer is_null_value is_object is_real is_time is_timestamp_ltz is_timestamp_ntz is_timestamp_tz
  is_varchar strip_null_value to_array to_binary to_boolean to_decimal to_double to_geography to_json to_number to_numeric
  to_object to_variant to_variant_object to_xml try_cast try_to_binary try_to_boolean try_to_decimal try_to_double try_to_number
  try_to_numeric typeof boolean

  array array_agg array_append array_cat array_compact array_construct array_construct_compact array_contains array_distinct
  array_except array_flatten array_generate_range array_insert array_intersect array_intersection array_join array_max array_min
  array_position array_prepend array_remove array_remove_at array_repeat array_reverse array_size array_slice array_sort
  array_to_string array_union array_union_agg array_unique_agg arrays_overlap arrays_to_object arrays_zip aggregate cardinality
  check_json check_xml element_at exists filter flatten forall from_csv from_json from_xml get get_ignore_case get_json_object
  get_path inline json_array_length json_extract_path_text json_object_keys map map_agg map_cat map_concat map_contains_key
  map_delete map_entries map_filter map_from_arrays map_from_entries map_insert map_keys map_pick map_size map_values
  map_zip_with named_struct object_agg object_construct object_construct_keep_null object_delete object_insert object_keys
  object_pick parse_json parse_xml reduce schema_of_json schema_of_json_agg schema_of_variant schema_of_variant_agg sequence
  shuffle size slice sort_array str_to_map struct to_csv transform transform_keys transform_values try_element_at try_parse_json
  try_variant_get variant_get xmlget xpath xpath_string zip_with is_variant_null explode explode_outer posexplode
  posexplode_outer stack json_tuple

  case coalesce equal_null greatest greatest_ignore_nulls if iff ifnull isnan isnotnull isnull least least_ignore_nulls nanvl
  nullif nullifzero nvl nvl2 regr_valx regr_valy zeroifnull booland boolnot boolor boolxor try_add try_divide try_mod
  try_multiply try_subtract

  any any_value approx_count_distinct approx_percentile approx_percentile_accumulate approx_percentile_combine
  approx_percentile_estimate approx_top_k approx_top_k_accumulate approx_top_k_combine approx_top_k_estimate approximate_jaccard_index
  approximate_similarity avg bitmap_bit_position bitmap_bucket_number bitmap_construct_agg bitmap_count bitmap_or_agg bool_and
  bool_or booland_agg boolor_agg boolxor_agg collect_list collect_set corr count count_if covar_pop covar_samp every first
  first_value grouping grouping_id histogram_numeric hll hll_accumulate hll_combine hll_estimate hll_export hll_import
  hll_sketch_agg hll_sketch_estimate hll_union hll_union_agg kurtosis last last_value listagg max max_by mean median min min_by
  minhash minhash_combine mode percentile percentile_approx percentile_cont percentile_disc regr_avgx regr_avgy regr_count
  regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy skew skewness some std stddev stddev_pop stddev_samp string_agg
  sum try_avg try_sum var_pop var_samp variance variance_pop variance_samp

  conditional_change_event conditional_true_event cume_dist dense_rank lag lead nth_value ntile percent_rank rank ratio_to_report
  row_number interpolate_bfill interpolate_ffill interpolate_linear

  classifier match_number match_sequence_number prev next final running pattern permute

  h3_cell_to_boundary h3_latlng_to_cell h3_latlng_to_cell_string h3_point_to_cell st_distance st_dwithin st_geographyfromtext
  st_intersects st_makepoint st_point st_within st_contains st_x st_y

  current_account current_catalog current_database current_region current_role current_schema current_user current_version user version
`);
