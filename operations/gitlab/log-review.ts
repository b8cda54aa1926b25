import type { JobLog } from './job-log';
import { readTrace } from './trace';
import { excerptOf, type LogExcerpt } from './trace-excerpt';
import { type LogMatches, searchTrace } from './trace-search';
import type { WireJob } from './wire-types';

export type LogFact =
  | 'debug_trace_restricted'
  | 'log_erased'
  | 'log_empty'
  | 'log_size_limit'
  | 'log_cut'
  | 'job_running';

export interface LogReview {
  exit_code: number | null;
  log_state: JobLog['state'];
  log_size_bytes: number | null;
  log_incomplete: boolean;
  log_incomplete_reason: string | null;
  log: LogExcerpt | null;
  matches: LogMatches | null;
  facts: { code: LogFact; statement: string }[];
}

/**
 * What a log says, and what it cannot say: the parts that GitLab or the runner did not keep or may not show. With a search half
 * of the characters go to what it finds.
 */
export function reviewLog(
  job: WireJob,
  log: JobLog,
  maxCharacters: number,
  search: { text: string; contextLines: number } | null = null,
): LogReview {
  const facts: LogReview['facts'] = [];
  const add = (code: LogFact, statement: string) => facts.push({ code, statement });
  const isRunning = job.finished_at === null && job.started_at !== null;
  if (isRunning) add('job_running', 'The job has not ended; its log is what has arrived so far.');
  if (log.state === 'restricted') {
    add(
      'debug_trace_restricted',
      'The job may be read but its log not: GitLab keeps logs of debug runs (CI_DEBUG_TRACE) for Developers and above, as they may hold secrets.',
    );
  }
  if (log.state === 'erased') add('log_erased', `The log was erased at ${job.erased_at}.`);
  if (log.state === 'empty' || log.state === 'not_found') {
    add('log_empty', 'GitLab has no log: the job did not start, is a trigger job, or its log expired.');
  }

  const trace = log.state === 'available' ? readTrace(log.text, log.lead) : null;
  const matches =
    trace && search && searchTrace(trace, search.text, search.contextLines, Math.floor(maxCharacters / 2));
  const used = matches?.matches.reduce((sum, { text }) => sum + text.length, 0) ?? 0;
  const reasons: string[] = [];
  if (trace?.hitSizeLimit) {
    reasons.push(
      'the runner stopped collecting at its size limit, so the end of the log, where a failure would be, was never kept',
    );
    add('log_size_limit', 'The runner stopped collecting the log at its size limit.');
  }
  if (log.isTail) {
    reasons.push('the log is larger than max_bytes, so only its end was read and lines are counted from there');
    add('log_cut', 'Only the last part of the log was read.');
  }
  if (isRunning && log.state === 'available') reasons.push('the job is still running');
  return {
    exit_code: trace?.exitCode ?? null,
    log_state: log.state,
    log_size_bytes: log.sizeBytes,
    log_incomplete: reasons.length > 0,
    log_incomplete_reason: reasons.length > 0 ? `${reasons.join('; ')}.` : null,
    log: trace && excerptOf(trace, job.status === 'failed', maxCharacters - used),
    matches,
    facts,
  };
}
