import { BadResponseError, OperationError } from '../errors';
import type { HttpResponse } from '../ports';
import { attempt } from './approvals';
import type { GitLab } from './client';
import type { WireJob } from './wire-types';

/** Enough for the usual 4 MiB limit of a runner. */
export const defaultMaxBytes = 4 * 1024 * 1024;

export const logStates = ['available', 'empty', 'erased', 'restricted', 'not_found'] as const;

export interface JobLog {
  state: (typeof logStates)[number];
  text: string;
  /** Size of the archived log as GitLab states it; null while the job runs and on some servers. */
  sizeBytes: number | null;
  /** What part of the log `text` is; null when it is all of it. */
  part: 'first' | 'last' | null;
}

/**
 * The raw log of a job, at most `maxBytes`: the end of a longer one where the server can give it (`byte_offset`, late
 * 2026; older servers ignore it, which shows in the amount they send), else its beginning. "No log" is an empty answer
 * or 404, and a log of a debug run is 403 while the job itself may be read. Throws what the client
 * throws for anything else.
 */
export async function readJobLog(gitlab: GitLab, projectPath: string, job: WireJob, maxBytes: number): Promise<JobLog> {
  const stated = job.artifacts.find(({ file_type }) => file_type === 'trace')?.size ?? null;
  const sizeBytes = stated !== null && Number.isSafeInteger(stated) && stated >= 0 ? stated : null;
  const none = (state: JobLog['state']): JobLog => ({ state, text: '', sizeBytes, part: null });
  if (job.erased_at !== null) return none('erased');

  const path = `${projectPath}/jobs/${job.id}/trace`;
  const what = `the log of job ${job.id}`;
  const read = (offset: number | undefined) =>
    gitlab.text(path, offset === undefined ? {} : { byte_offset: offset, byte_limit: maxBytes }, what, maxBytes);
  const outcome = await attempt(async () => {
    if (sizeBytes !== null && sizeBytes > maxBytes) return tailOf(await read(sizeBytes - maxBytes), maxBytes);
    const whole = await read(undefined);
    const length = whole.truncated ? statedLength(whole) : null;
    if (length === null || length <= maxBytes) return { response: whole, isTail: false };
    const tail = tailOf(await read(length - maxBytes), maxBytes);
    return tail.isTail ? tail : { response: whole, isTail: false };
  });
  if (outcome instanceof OperationError) {
    if (outcome.code === 'missing_permission') return none('restricted');
    if (outcome.code === 'not_found_or_no_access') return none('not_found');
    throw outcome;
  }
  const { response, isTail } = outcome;
  refuseHtml(response, what);
  if (response.body === '') return none('empty');
  if (isTail) return { state: 'available', text: fromWholeLine(response.body), sizeBytes, part: 'last' };
  return { state: 'available', text: response.body, sizeBytes, part: response.truncated ? 'first' : null };
}

/** Whether the server gave the bytes asked for: one that ignored the offset sends more than the limit. */
function tailOf(response: HttpResponse, maxBytes: number): { response: HttpResponse; isTail: boolean } {
  const length = statedLength(response);
  return { response, isTail: response.truncated !== true && (length === null || length <= maxBytes) };
}

function statedLength(response: HttpResponse): number | null {
  const text = response.headers['content-length'] ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** A proxy's login page instead of the log; a log that merely begins with markup is sent as text/plain. */
function refuseHtml(response: HttpResponse, what: string): void {
  if (/^text\/html\b/i.test(response.headers['content-type'] ?? '')) {
    throw new BadResponseError('GitLab', `HTML where ${what} belongs; a proxy or login page may have answered`);
  }
}

/** A read from the middle starts within a line, and maybe within a character. */
function fromWholeLine(text: string): string {
  const lineEnd = text.indexOf('\n');
  return lineEnd < 0 ? text.replace(/^\ufffd+/, '') : text.slice(lineEnd + 1);
}
