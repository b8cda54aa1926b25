import { QueryFailedError, type QueryFailure } from '../errors';
import { cleanLine, cleanText } from '../text';

/**
 * Failed queries are no API errors: Panther answers 200 and puts the data lake's own text into `message`.
 * There is no code beside it, so the text is all there is to classify by: the Snowflake texts that
 * were seen, and the error classes that Databricks and Athena print.
 */
// What names something of the caller's comes first: a column may well be called `cancelled`.
const patterns: readonly { kind: QueryFailure; pattern: RegExp; next: string }[] = [
  {
    kind: 'too_large',
    pattern: /result size exceeded|result (?:set )?(?:is )?too large|exceeds? the (?:maximum|max) (?:result )?size/i,
    next: 'Ask for fewer columns, a shorter time window or an aggregate.',
  },
  {
    kind: 'missing_table',
    pattern:
      /(?:object|table|schema|database|view)\b[^\n]{0,400}\b(?:does not exist|not found)|TABLE_OR_VIEW_NOT_FOUND|TABLE_NOT_FOUND|SCHEMA_NOT_FOUND|insufficient privileges/i,
    next: 'list_available_tables shows what exists; the role of the token may also be barred from this log type.',
  },
  {
    kind: 'bad_identifier',
    pattern:
      /invalid identifier|UNRESOLVED_COLUMN|COLUMN_NOT_FOUND|column\b[^\n]{0,400}\b(?:not found|does not exist|cannot be resolved)/i,
    next: 'get_table_schema shows the columns.',
  },
  {
    kind: 'bad_value',
    pattern:
      /\b(?:numeric|timestamp|date|time|boolean) value '|\b(?:timestamp|date|time|number|boolean) '[^'\n]{0,400}' is not recognized|CAST_INVALID_INPUT|CANNOT_PARSE_TIMESTAMP|invalid argument types?\b/i,
    next: 'Correct the value, or convert the column first (TRY_CAST gives NULL for what cannot be converted).',
  },
  {
    // Before `cancelled`: the data lake says of a time-out that the statement was cancelled.
    kind: 'timed_out',
    pattern:
      /\breached its [^\n]{0,80}timeout|\btimeout exceeded|\btimed out\b|QUERY_EXECUTION_TIMEOUT|EXCEEDED_TIME_LIMIT/i,
    next: 'It ran into a time limit of the data lake. Ask for a shorter time window, fewer columns or one table.',
  },
  {
    kind: 'cancelled',
    pattern: /\bcancel(?:l?ed|lation)\b/i,
    next: 'Run it again if it is still needed.',
  },
  {
    kind: 'syntax',
    pattern:
      /syntax error|PARSE_SYNTAX_ERROR|unexpected '|mismatched input|parser error|unknown function|UNRESOLVED_ROUTINE|FUNCTION_NOT_FOUND|SQL compilation error/i,
    next: 'Correct the SQL.',
  },
];

/** What kind of failure a text of the data lake tells of. */
export function queryFailureKind(text: string): QueryFailure {
  return patterns.find(({ pattern }) => pattern.test(text))?.kind ?? 'other';
}

/** The error for a query whose status is `failed`. `text` is the data lake's message, as it came. */
export function queryFailed(queryId: string, text: string): QueryFailedError {
  const kind = queryFailureKind(text);
  const next = patterns.find((entry) => entry.kind === kind)?.next ?? 'The text above is all Panther tells.';
  const said = cleanLine(text, 500) || 'no reason given';
  return new QueryFailedError(
    kind,
    `The data lake could not run the query: "${said}". ${next}`,
    queryId,
    cleanText(text, 2000),
  );
}

/** The error for a query that somebody stopped: in the console, or through another token. */
export function queryWasCancelled(queryId: string): QueryFailedError {
  return new QueryFailedError(
    'cancelled',
    'The query was cancelled in Panther by somebody else before it finished. Run it again if it is still needed.',
    queryId,
    '',
  );
}
