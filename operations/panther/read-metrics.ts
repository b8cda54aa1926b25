import { BadResponseError, OperationError, UnavailableError } from '../errors';
import type { PantherClient, Purpose } from './client';
import { type MetricEntry, type MetricField, metricsAnswer, metricsDocument } from './metric-kinds';

const toRead: Purpose = { permission: 'SummaryRead', what: 'to read metrics' };

export interface MetricsWindow {
  /** ISO 8601. */
  fromDate: string;
  toDate: string;
  intervalInMinutes: number;
}

export interface ReadMetrics {
  values: Map<string, number | MetricEntry[]>;
  /** Fields that this Panther does not have or could not give, with the reason. */
  unavailable: { field: MetricField; reason: string }[];
}

const atOnce = 4;

/**
 * Reads the fields in one call. When Panther's GraphQL refuses that, each is asked for on its own, so that one that it
 * does not have costs no other. Throws what the first refusal was when none can be read.
 */
export async function readMetrics(
  client: PantherClient,
  window: MetricsWindow,
  fields: readonly MetricField[],
  breakdown: boolean,
): Promise<ReadMetrics> {
  const result: ReadMetrics = { values: new Map(), unavailable: [] };
  try {
    await ask(client, window, fields, breakdown, result);
  } catch (error) {
    if (!isRefusedField(error) || fields.length === 1) throw error;
    for (let from = 0; from < fields.length; from += atOnce) {
      await Promise.all(
        fields.slice(from, from + atOnce).map((field) => askOne(client, window, field, breakdown, result)),
      );
    }
    if (result.unavailable.length === fields.length) throw error;
  }
  return result;
}

async function askOne(
  client: PantherClient,
  window: MetricsWindow,
  field: MetricField,
  breakdown: boolean,
  result: ReadMetrics,
): Promise<void> {
  try {
    await ask(client, window, [field], breakdown, result);
  } catch (error) {
    if (!isRefusedField(error)) throw error;
    result.unavailable.push({ field, reason: (error as OperationError).message });
  }
}

async function ask(
  client: PantherClient,
  window: MetricsWindow,
  fields: readonly MetricField[],
  breakdown: boolean,
  result: ReadMetrics,
): Promise<void> {
  const { data, problems } = await client.read(
    metricsDocument(fields, breakdown),
    { input: window },
    metricsAnswer,
    toRead,
  );
  const { metrics } = data;
  for (const field of fields) {
    const value = Object.hasOwn(metrics, field.field) ? metrics[field.field] : undefined;
    const fits = field.has === null ? typeof value === 'number' : Array.isArray(value);
    if (value != null && fits) result.values.set(field.field, value);
    else result.unavailable.push({ field, reason: problems[0]?.message ?? 'Panther gave no value' });
  }
}

/** Whether GraphQL itself answered with an error about what was asked; a lost connection or a refused token is none. */
function isRefusedField(error: unknown): boolean {
  return (
    error instanceof OperationError &&
    (error instanceof BadResponseError || error instanceof UnavailableError) &&
    error.details.graphql_code !== undefined
  );
}
