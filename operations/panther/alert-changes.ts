import { CancelledError, NotFoundOrNoAccessError, OperationError } from '../errors';
import { mapConcurrently } from '../gitlab/concurrency';
import { readAlert } from './alert-reading';
import type { AlertRecord } from './alert-shape';
import type { PantherClient } from './client';
import { outcomeUnknown } from './query-life-cycle';

/** One kind of change to many alerts. Writing the same value twice must leave the same state. */
export interface AlertChange<V> {
  /** What the change is about, as it stands. */
  of(alert: AlertRecord): V;
  /** What it has to become. An alert for which this changes nothing is where it should be. */
  wanted(now: V): V;
  write(ids: string[], value: V): Promise<void>;
  /** Why a value cannot be written to this one alert. */
  problem?(value: V): OperationError | undefined;
  /** `wanted` builds on what is there, so it is worked out and written again when somebody else wrote in between. */
  merges?: boolean;
}

export interface ChangeOutcome<V> {
  id: string;
  /** Null for an alert that could not be read. */
  before: V | null;
  /** As last read; what was asked for when Panther took it and it could not be read again; as planned in a dry run. */
  after: V | null;
  /** Our write changed it; in a dry run: it would. */
  changed: boolean;
  /** A reading showed that it is as asked for. Never in a dry run that would change it. */
  verified: boolean;
  error: { code: string; message: string } | null;
}

/** Read, written and read again together. Few where a write replaces what others may be writing, so that little time passes. */
const batchSize = 25;
const mergingBatchSize = 4;
const settleMs = 700;
const mostRounds = 3;

interface Work<V> {
  id: string;
  before: V;
  now: V;
  /** Panther took a write for it, or may have. */
  sent: 'no' | 'accepted' | 'unknown';
  error: OperationError | null;
}

/**
 * Changes alerts and reads each again. Every alert gets an outcome, in the order given. Throws only when nothing was
 * changed: NotFoundOrNoAccessError when no alert exists, the refusal of the first write, what ended every reading; and
 * CancelledError with `changed_alerts` in its details.
 */
export async function changeAlerts<V>(
  client: PantherClient,
  ids: readonly string[],
  change: AlertChange<V>,
  dryRun: boolean,
): Promise<ChangeOutcome<V>[]> {
  const outcomes: ChangeOutcome<V>[] = [];
  const size = change.merges === true ? mergingBatchSize : batchSize;
  const errors: OperationError[] = [];
  for (let from = 0; from < ids.length; from += size) {
    const batch = ids.slice(from, from + size);
    try {
      const works = await changeBatch(client, batch, change, dryRun);
      for (const work of works) {
        if (work.error !== null) errors.push(work.error);
        outcomes.push('before' in work ? outcomeOf(work, change, dryRun) : unread(work.id, work.error));
      }
    } catch (error) {
      const changed = outcomes.filter((outcome) => outcome.changed).length;
      if (!(error instanceof OperationError)) throw error;
      if (error instanceof CancelledError) {
        if (!dryRun) Object.assign(error.details, { changed_alerts: changed });
        throw error;
      }
      if (changed === 0) throw error;
      for (const id of ids.slice(from)) outcomes.push(unread(id, error));
      break;
    }
    client.ports.progress(
      `${dryRun ? 'Looked at' : 'Went through'} ${outcomes.length} alerts`,
      outcomes.length,
      ids.length,
    );
  }
  throwIfNothingWorked(outcomes, errors);
  return outcomes;
}

function throwIfNothingWorked<V>(outcomes: readonly ChangeOutcome<V>[], errors: readonly OperationError[]): void {
  if (outcomes.some((outcome) => outcome.error === null || outcome.changed)) return;
  const [first] = errors;
  if (first === undefined) return;
  if (!errors.every((error) => error instanceof NotFoundOrNoAccessError)) throw first;
  const named = outcomes.slice(0, 20).map(({ id }) => id);
  const more = outcomes.length > named.length ? ` and ${outcomes.length - named.length} more` : '';
  throw new NotFoundOrNoAccessError('Panther', `alert ${named.join(', ')}${more}`, 'Nothing was changed.');
}

type Unread = { id: string; error: OperationError };

/** Panther refuses a whole write for one unknown id, so unknown ids are found by reading, and left out of it. */
async function changeBatch<V>(
  client: PantherClient,
  ids: readonly string[],
  change: AlertChange<V>,
  dryRun: boolean,
): Promise<(Work<V> | Unread)[]> {
  const works = await mapConcurrently(ids, async (id): Promise<Work<V> | Unread> => {
    const read = await tryReading(client, id);
    if (read instanceof OperationError) return { id, error: read };
    const before = change.of(read);
    return { id, before, now: before, sent: 'no', error: problemOf(change, before) };
  });
  if (dryRun) return works;
  const readable = works.filter((work): work is Work<V> => 'before' in work);
  for (let round = 0; round < mostRounds; round += 1) {
    const open = readable.filter((work) => work.error === null && !isReached(change, work.now));
    if (open.length === 0) break;
    if (round > 0 && !(await client.deadline.wait(settleMs))) break;
    if (round === 0 || change.merges === true) await write(open, change);
    await readAgain(client, open, change);
  }
  return works;
}

async function write<V>(works: readonly Work<V>[], change: AlertChange<V>): Promise<void> {
  const groups = new Map<string, { value: V; works: Work<V>[] }>();
  for (const work of works) {
    const value = change.wanted(work.now);
    const key = JSON.stringify(value);
    const group = groups.get(key) ?? { value, works: [] };
    group.works.push(work);
    groups.set(key, group);
  }
  for (const { value, works: group } of groups.values()) {
    const error = await tryWriting(group, value, change);
    // One of them went away since it was read: alone, each shows whether it is the one.
    if (!(error instanceof NotFoundOrNoAccessError) || group.length === 1) continue;
    for (const work of group) {
      work.error = null;
      await tryWriting([work], value, change);
    }
  }
}

/** Notes the result in the works. Throws what every further write would meet as well. */
async function tryWriting<V>(
  works: readonly Work<V>[],
  value: V,
  change: AlertChange<V>,
): Promise<OperationError | undefined> {
  try {
    await change.write(
      works.map(({ id }) => id),
      value,
    );
    for (const work of works) work.sent = 'accepted';
    return undefined;
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    if (error instanceof CancelledError) throw error;
    if (outcomeUnknown(error)) {
      for (const work of works) if (work.sent === 'no') work.sent = 'unknown';
      return undefined;
    }
    if (['missing_permission', 'unauthenticated', 'invalid_input'].includes(error.code)) throw error;
    for (const work of works) work.error = error;
    return error;
  }
}

async function readAgain<V>(client: PantherClient, works: readonly Work<V>[], change: AlertChange<V>): Promise<void> {
  await mapConcurrently(
    works.filter((work) => work.error === null),
    async (work) => {
      const read = await tryReading(client, work.id);
      if (read instanceof OperationError) work.error = notReadBack(work.sent, read);
      else {
        work.now = change.of(read);
        work.error = problemOf(change, work.now);
      }
    },
  );
}

function notReadBack(sent: Work<unknown>['sent'], cause: OperationError): OperationError {
  const what =
    sent === 'accepted'
      ? 'Panther accepted the change, but the alert could not be read again'
      : 'The answer to the change was lost, and the alert could not be read again';
  return new OperationError(cause.code, `${what}: ${cause.message}`, { ...cause.details, outcome: 'unknown' });
}

async function tryReading(client: PantherClient, id: string): Promise<AlertRecord | OperationError> {
  try {
    return await readAlert(client, id);
  } catch (error) {
    if (!(error instanceof OperationError) || error instanceof CancelledError) throw error;
    if (error.code === 'missing_permission' || error.code === 'unauthenticated') throw error;
    return error;
  }
}

function isReached<V>(change: AlertChange<V>, now: V): boolean {
  return same(change.wanted(now), now);
}

function problemOf<V>(change: AlertChange<V>, now: V): OperationError | null {
  return isReached(change, now) ? null : (change.problem?.(change.wanted(now)) ?? null);
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function unread<V>(id: string, { code, message }: OperationError): ChangeOutcome<V> {
  return { id, before: null, after: null, changed: false, verified: false, error: { code, message } };
}

function outcomeOf<V>(work: Work<V>, change: AlertChange<V>, dryRun: boolean): ChangeOutcome<V> {
  const { id, before, now, sent, error } = work;
  const reached = isReached(change, now);
  if (dryRun && error === null)
    return { id, before, after: change.wanted(now), changed: !reached, verified: reached, error: null };
  if (error !== null) {
    const taken = sent === 'accepted' && error.details.outcome === 'unknown';
    const { code, message } = error;
    return {
      id,
      before,
      after: taken ? change.wanted(now) : now,
      changed: taken,
      verified: false,
      error: { code, message },
    };
  }
  if (reached) return { id, before, after: now, changed: sent !== 'no', verified: true, error: null };
  const message =
    sent === 'accepted'
      ? 'Panther accepted the change, but the alert still reads otherwise: somebody else may have changed it since.'
      : 'The answer to the change was lost, and the alert does not show it. It may be made again.';
  const code = sent === 'accepted' ? 'conflict' : 'unavailable';
  return { id, before, after: now, changed: !same(before, now), verified: false, error: { code, message } };
}
