import { z } from 'zod';
import { portsThatFinishRequests } from '../clean-up-ports';
import { BadResponseError, ConflictError, InvalidInputError, UnavailableError } from '../errors';
import type { HttpResponse } from '../ports';
import { callService, parseJson } from '../service-call';
import { cleanLine } from '../text';
import type { PantherClient } from './client';
import { type WireDetection, wireDetection } from './detection-record';
import { type DetectionType, detectionKinds } from './detection-types';
import { withMember } from './json-member';
import { pathSegment } from './path-segment';
import { outcomeUnknown } from './query-start';
import { restError } from './rest';

/** One detection as it came: the text is what a PUT sends back, whatever of it is known here. */
export interface StoredDetection {
  text: string;
  /** Every field, parsed. */
  fields: Record<string, unknown>;
  record: WireDetection;
}

const maxRecordBytes = 64 * 1024 * 1024;

/** Reads the record that a PUT would replace. Throws BadResponseError when Panther answers with another one. */
export async function readStored(client: PantherClient, type: DetectionType, id: string): Promise<StoredDetection> {
  const { noun, read } = detectionKinds[type];
  const object = `${noun} ${cleanLine(id, 100)}`;
  const response = await send(client, type, id, undefined);
  if (!isDone(response)) throw restError(response, { permission: read, what: `to read the ${object}`, object });
  const fields = z.record(z.unknown()).safeParse(parseJson('panther', response));
  const record = wireDetection.safeParse(fields.data);
  if (!fields.success || !record.success) throw new BadResponseError('Panther', `the ${object} is no detection`);
  if (record.data.id !== id) {
    throw new BadResponseError(
      'Panther',
      `asked for the ${object}, it gave ${cleanLine(record.data.id, 100)}; nothing was changed`,
    );
  }
  return { text: response.body, fields: fields.data, record: record.data };
}

/**
 * Switches a detection off: sends back the record as it came with `enabled` false, without running its unit tests. A
 * repeat of the same PUT leaves the same record, but a blind one could undo what somebody else stored between the two.
 * So after an answer that was lost the record is read first: off means done, unchanged means once more, and anything
 * else is a conflict.
 */
export async function putDisabled(
  client: PantherClient,
  type: DetectionType,
  id: string,
  stored: StoredDetection,
): Promise<void> {
  try {
    await put(client, type, id, stored);
  } catch (error) {
    if (!outcomeUnknown(error)) throw error;
    client.ports.log.warn('the answer to a change was lost; reading the detection again', { detection_id: id });
    const now = await readStored(client, type, id).catch(() => {
      throw unknownOutcome(id);
    });
    if (now.record.enabled === false) return;
    if (differentFields(stored, now).length > 0) throw changedMeanwhile(id, now);
    await put(client, type, id, stored).catch((again: unknown) => {
      throw outcomeUnknown(again) ? unknownOutcome(id) : again;
    });
  }
}

async function put(client: PantherClient, type: DetectionType, id: string, stored: StoredDetection): Promise<void> {
  const { noun, modify } = detectionKinds[type];
  const object = `${noun} ${cleanLine(id, 100)}`;
  // An abort does not cut this call short: whether it took effect could not be told any more.
  const ports = portsThatFinishRequests(client.ports);
  const response = await send(
    client.over(ports, client.deadline),
    type,
    id,
    withMember(stored.text, 'enabled', 'false'),
  );
  if (response.status === 201) {
    throw new ConflictError(
      `The ${object} was deleted while it was being disabled, and this call has made it anew, disabled. Delete it in Panther if it should be gone.`,
      { detection_id: id, created: true },
    );
  }
  if (isDone(response)) return;
  throw (
    failedTests(response, object) ??
    restError(response, { permission: modify, what: `to disable the ${object}`, object })
  );
}

/** A PUT when there is a body, else a GET. */
async function send(
  client: PantherClient,
  type: DetectionType,
  id: string,
  body: string | undefined,
): Promise<HttpResponse> {
  const path = `${detectionKinds[type].path}/${pathSegment('detection_id', id)}`;
  return callService(client.ports, {
    service: 'panther',
    method: body === undefined ? 'GET' : 'PUT',
    url: `${client.endpoints.rest}${path}${body === undefined ? '' : '?run-tests-first=false'}`,
    headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    body,
    safeToRepeat: body === undefined,
    deadline: client.deadline,
    maxBytes: maxRecordBytes,
  });
}

function isDone(response: HttpResponse): boolean {
  return response.status >= 200 && response.status <= 299;
}

const testAnswer = z.object({
  testResults: z.array(z.object({ name: z.string().nullish(), passed: z.boolean().nullish() })).min(1),
});

/** A refusal over unit tests, for a Panther that runs them although it was told not to. */
function failedTests(response: HttpResponse, object: string): InvalidInputError | undefined {
  if (response.status !== 400) return undefined;
  let body: unknown;
  try {
    body = JSON.parse(response.body);
  } catch {
    return undefined;
  }
  const answer = testAnswer.safeParse(body);
  if (!answer.success) return undefined;
  const failed = answer.data.testResults.filter(({ passed }) => passed !== true);
  const names = failed.slice(0, 5).map(({ name }) => cleanLine(name ?? 'a test without a name', 80));
  return new InvalidInputError(
    'detection_id',
    `Panther ran the unit tests of the ${object} although it was told not to, and ${failed.length} failed: ${names.join(', ')}. Disable it in the console`,
    { status: 400, failed_tests: failed.length },
  );
}

/** Names of the fields in which two readings differ, whatever the order of their keys. */
export function differentFields(before: StoredDetection, after: StoredDetection): string[] {
  return [...new Set([...Object.keys(before.fields), ...Object.keys(after.fields)])]
    .filter((name) => sortedJson(before.fields[name]) !== sortedJson(after.fields[name]))
    .sort();
}

function sortedJson(value: unknown): string {
  return (
    JSON.stringify(value, (_key, held: unknown) =>
      typeof held === 'object' && held !== null && !Array.isArray(held)
        ? Object.fromEntries(Object.entries(held).sort(([a], [b]) => (a < b ? -1 : 1)))
        : held,
    ) ?? ''
  );
}

export function changedMeanwhile(id: string, now: StoredDetection): ConflictError {
  const changed = now.record.lastModified == null ? '' : ` (last at ${cleanLine(now.record.lastModified, 60)})`;
  return new ConflictError(
    `The detection ${cleanLine(id, 100)} was changed by somebody else meanwhile${changed}; nothing was overwritten. Look at it with get_detection and plan again.`,
    {
      detection_id: cleanLine(id, 300),
      last_modified: now.record.lastModified == null ? null : cleanLine(now.record.lastModified, 60),
    },
  );
}

function unknownOutcome(id: string): UnavailableError {
  return new UnavailableError(
    'Panther',
    `the connection broke while the detection ${cleanLine(id, 100)} was being disabled, and whether it is off now is not known`,
    { outcome: 'unknown' },
  );
}
