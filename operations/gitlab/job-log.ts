import { BadResponseError, OperationError } from '../errors';
import type { HttpResponse } from '../ports';
import { attempt } from './approvals';
import type { GitLab } from './client';
import type { WireJob } from './wire-types';

/** The end of a log, where a failure is, with room for the sections before it. */
export const defaultMaxBytes = 1024 * 1024;
/**
 * Read in front of the end of a log and not shown (trace-lead.ts): longer than any secret, so that one that the cut goes through
 * is not in what is shown, and one that begins in here is known by its beginning.
 */
const leadBytes = 64 * 1024;

export const logStates = ['available', 'empty', 'erased', 'restricted', 'not_found'] as const;

export interface JobLog {
  state: (typeof logStates)[number];
  text: string;
  /** How many characters at the beginning of `text` are not to be shown. */
  lead: number;
  /** Size of the archived log as GitLab states it, or as it was read; null when neither is known. */
  sizeBytes: number | null;
  /** Whether `text` is only the end of the log. */
  isTail: boolean;
}

/**
 * The raw log of a job, or its last `maxBytes` bytes. A long log is read through with little more than that in memory; late
 * servers (2026) are asked for its end alone by `byte_offset`, which older ones ignore, and that does no harm. "No
 * log" is an empty answer or 404, and a log of a debug run is 403 while the job itself may be read. Throws what the
 * client throws for anything else.
 */
export async function readJobLog(gitlab: GitLab, projectPath: string, job: WireJob, maxBytes: number): Promise<JobLog> {
  const stated = job.artifacts.find(({ file_type }) => file_type === 'trace')?.size ?? null;
  const statedBytes = stated !== null && Number.isSafeInteger(stated) && stated >= 0 ? stated : null;
  const none = (state: JobLog['state']): JobLog => ({
    state,
    text: '',
    lead: 0,
    sizeBytes: statedBytes,
    isTail: false,
  });
  if (job.erased_at !== null) return none('erased');

  const what = `the log of job ${job.id}`;
  const kept = maxBytes + leadBytes;
  const offset = statedBytes !== null && statedBytes > kept ? statedBytes - kept : 0;
  const response = await attempt(() =>
    gitlab.end(
      `${projectPath}/jobs/${job.id}/trace`,
      offset === 0 ? {} : { byte_offset: offset, byte_limit: kept },
      what,
      kept,
    ),
  );
  if (response instanceof OperationError) {
    if (response.code === 'missing_permission') return none('restricted');
    if (response.code === 'not_found_or_no_access') return none('not_found');
    throw response;
  }
  refuseHtml(response, what);
  if (response.body === '') return none('empty');
  const begins = response.truncated !== true && offset === 0;
  const isTail = !begins || (response.totalBytes ?? 0) > maxBytes;
  // Of a log that is read from its beginning nothing was cut off, however little is in front of its end.
  const unshown = begins ? Math.max(0, (response.totalBytes ?? 0) - maxBytes) : leadBytes;
  return {
    state: 'available',
    text: response.body,
    lead: isTail ? charactersOf(response.body, unshown) : 0,
    sizeBytes: statedBytes ?? (offset > 0 && response.truncated !== true ? null : (response.totalBytes ?? null)),
    isTail,
  };
}

/** A proxy's login page instead of the log; a log that merely begins with markup is sent as text/plain. */
function refuseHtml(response: HttpResponse, what: string): void {
  if (/^text\/html\b/i.test(response.headers['content-type'] ?? '')) {
    throw new BadResponseError('GitLab', `HTML where ${what} belongs; a proxy or login page may have answered`);
  }
}

/** How many characters the first `bytes` bytes of a text are, at least. */
function charactersOf(text: string, bytes: number): number {
  let index = 0;
  for (let left = bytes; left > 0 && index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    left -= code < 0x80 ? 1 : code < 0x800 ? 2 : code >= 0xd800 && code <= 0xdfff ? 2 : 3;
  }
  return index;
}
