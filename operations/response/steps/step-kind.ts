import type { GitLab } from '../../gitlab/client';
import type { IamPort, Json, OktaPort } from '../response-port';

/** The systems as the steps reach them; each is opened when a step first needs it. */
export interface Systems {
  iam(): Promise<IamPort>;
  okta(): OktaPort;
  gitlab(): Promise<GitLab>;
}

export type Parameters = Readonly<Record<string, string>>;

/**
 * One kind of change, as small as the service's own call. The state before is read and kept before anything is sent; what
 * was achieved is decided by reading again, never by the answer to the change.
 */
export interface StepKind {
  kind: string;
  /** The service's own name of the call, e.g. `iam:PutUserPolicy`. */
  call: string;
  /** Names of the parameters; a stored step with others is refused. */
  parameters: readonly string[];
  what(given: Parameters): string;
  /** The state as JSON; null where the service has no way to tell it. */
  read(systems: Systems, given: Parameters): Promise<Json>;
  /** Whether that state is what the step is for. Undefined where the state cannot be read. */
  isDone(state: Json, given: Parameters): boolean | undefined;
  apply(systems: Systems, given: Parameters): Promise<void>;
  /** Brings the state before back. Absent where nothing can. */
  revert?(systems: Systems, given: Parameters, before: Json): Promise<void>;
}

/** A parameter that the plan put there itself. */
export function parameter(given: Parameters, name: string): string {
  const value = given[name];
  if (value === undefined || value === '') throw new Error(`a stored step has no ${name}`);
  return value;
}
