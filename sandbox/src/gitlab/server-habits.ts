/** Limits and habits in which real servers differ, as far as merge requests and lists are concerned. */
export interface ServerHabits {
  /** What `approval_state` answers: the rules, no rules, or 402, 403, 404 as editions without approval rules do. */
  approvalRules: 'full' | 'empty' | '402' | '403' | '404';
  /** Whether changed files carry the flags `collapsed` and `too_large`, which older servers leave out. */
  diffFlags: boolean;
  /** Whether the head of a fork's branch can be read through the target project. */
  forkHeadsInTarget: boolean;
  /** Records that offset paging reaches; an administrator may change it. */
  maxOffset: number;
  /** Lists longer than this come without totals. */
  countedUpTo: number;
  /** Requests allowed in `rateSeconds`; 0 refuses none, and tells `toldLimit` in the headers. */
  rateLimit: number;
  toldLimit: number;
  rateSeconds: number;
  /** What a refused request looks like: which layer in front of GitLab refused it. */
  rateAnswer: 'retry_after' | 'reset_only' | 'html' | 'plain_text' | 'old_403';
}

export const USUAL_HABITS: Readonly<ServerHabits> = {
  approvalRules: 'full',
  diffFlags: true,
  forkHeadsInTarget: true,
  maxOffset: 50_000,
  countedUpTo: 10_000,
  rateLimit: 0,
  toldLimit: 2000,
  rateSeconds: 60,
  rateAnswer: 'retry_after',
};
