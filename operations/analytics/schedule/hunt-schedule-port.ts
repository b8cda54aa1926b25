/** What the schedule remembers of one hunt. Times are ISO 8601 in UTC. */
export interface HuntState {
  hunt: string;
  /** Everything before this moment was looked at. */
  watermark: string;
  last_success_at: string | null;
  /** Runs in a row in which the hunt did not get to its end. */
  failures: number;
  /** Why, in words; null after a run that did. */
  last_problem: string | null;
  /** The last stretch of time that was given up because it lay too far back; null while there was none. */
  gap_from: string | null;
  gap_to: string | null;
}

/** One finding: what somebody did, as one hunt sees it. It has one case. */
export interface HuntFinding {
  /** Id of the alert that its case is opened from: the same for the same finding, whoever computes it. */
  alert_id: string;
  hunt: string;
  /** The actor of the hunt's rows. */
  actor: string;
  /** When the finding began as it was first seen; what comes within a day of it belongs to it. */
  anchor_at: string;
  first_at: string;
  last_at: string;
  /** Null until its case is opened. */
  case_id: string | null;
}

/** One run of the schedule. */
export interface HuntRunRecord {
  id: string;
  started_at: string;
  /** Null while it goes on, and for one that was broken off. */
  finished_at: string | null;
  /** Runs that should have come before this one, and did not. */
  missed_runs: number;
  opened_cases: number;
  /** Hunts that did not get to their end. */
  unfinished_hunts: number;
}

/** The run that holds the schedule. Its writes fail with ConflictError once somebody else has taken over. */
export interface HuntRun {
  id: string;
  started_at: string;
  /** The run before this one. */
  previous: HuntRunRecord | undefined;
  states: ReadonlyMap<string, HuntState>;
  /** Findings of a hunt that ended at this moment or later, oldest first. */
  findings(hunt: string, since: string): Promise<HuntFinding[]>;
  /** Adds a finding, or stores what has changed of it. */
  keepFinding(finding: HuntFinding): Promise<void>;
  keepState(state: HuntState): Promise<void>;
  finish(result: Pick<HuntRunRecord, 'missed_runs' | 'opened_cases' | 'unfinished_hunts'>): Promise<HuntRunRecord>;
}

/** What the bridge remembers of hunts on schedule. Every method is durable before it resolves. */
export interface HuntSchedulePort {
  states(): Promise<HuntState[]>;
  /** The last run, going on or not. */
  lastRun(): Promise<HuntRunRecord | undefined>;
  /**
   * Does the work as the only one of all processes that share the store. Resolves to undefined, and does nothing, while
   * somebody else is at it.
   */
  exclusively<T>(work: (run: HuntRun) => Promise<T>): Promise<T | undefined>;
}
