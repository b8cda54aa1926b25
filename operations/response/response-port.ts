/** Where something can be changed to contain an attack. */
export const responseSystems = ['aws_iam', 'gitlab', 'okta'] as const;
export type ResponseSystem = (typeof responseSystems)[number];

/** The closed list of what may be done. */
export const responseActionNames = ['isolate_user', 'revoke_access_key', 'quarantine_role'] as const;
export type ResponseActionName = (typeof responseActionNames)[number];

/**
 * `verified`: done, and a second read shows it. `unverified`: sent, but what came of it could not be read. `failed`: the
 * second read shows that something is not done. Each but the first three is an end.
 */
export const responseStatuses = [
  'planned',
  'executing',
  'rolling_back',
  'verified',
  'unverified',
  'failed',
  'rolled_back',
  'rollback_failed',
] as const;
export type ResponseStatus = (typeof responseStatuses)[number];

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** One call of a plan as data: what it is and everything that decides what it does. */
export interface PlannedStep {
  /** S1, S2, ... in the order in which they are carried out. */
  id: string;
  kind: string;
  parameters: Record<string, string>;
  /** For people: what it does, to what. */
  what: string;
  /** The service's own name of the call. */
  call: string;
  reversible: boolean;
}

export interface StepResult {
  step_id: string;
  /** `unchanged`: it was so before, and is left alone by a rollback. */
  state: 'pending' | 'unchanged' | 'verified' | 'unverified' | 'failed' | 'rolled_back';
  /** The state before the change, as the service gave it: what a rollback brings back. */
  before: Json;
  after: Json;
  problem: string | null;
}

export interface ResponseRecord {
  id: string;
  case_id: string;
  action: ResponseActionName;
  system: ResponseSystem;
  target: string;
  /** The target as the service knows it, e.g. its ARN. */
  target_label: string;
  /** SHA-256 over action, target and steps: what an approval is bound to. */
  digest: string;
  status: ResponseStatus;
  steps: PlannedStep[];
  warnings: string[];
  results: StepResult[];
  reason: string | null;
  approval_id: string | null;
  rollback_approval_id: string | null;
  /** Grows by one with every change. */
  version: number;
  created_at: string;
  executed_at: string | null;
  settled_at: string | null;
}

export type ResponseChange = Partial<
  Pick<ResponseRecord, 'status' | 'results' | 'approval_id' | 'rollback_approval_id' | 'executed_at' | 'settled_at'>
>;

/** What the owner of the bridge allows. */
export interface ResponseSettings {
  /** False unless it was switched on: then plans can be made and nothing can be changed. */
  enabled: boolean;
  /** Names and ARNs that nothing is ever done to; `*` stands for any characters. Never empty where it is enabled. */
  protectedPrincipals: readonly string[];
  /** Executions of one action within an hour. */
  maxPerHour: number;
}

/** What the bridge supplies for containment. Every method is durable before it resolves. */
export interface ResponsePort {
  readonly settings: ResponseSettings;
  /** Who halted all responses, when and why; null while nothing is halted. */
  halted(): Promise<string | null>;
  /** Stores a plan and gives it its id. */
  store(plan: Omit<ResponseRecord, 'id' | 'version'>): Promise<ResponseRecord>;
  get(id: string): Promise<ResponseRecord | undefined>;
  /** The responses of a case, oldest first. */
  ofCase(caseId: string): Promise<ResponseRecord[]>;
  /**
   * Moves a response on in one transaction: from one of the given statuses, and for an execution only while fewer than
   * `maxPerHour` of the same action were begun in the hour before. Throws ConflictError or RateLimitedError.
   */
  begin(
    id: string,
    move: { from: readonly ResponseStatus[]; to: ResponseStatus; change: ResponseChange; now: Date; counted: boolean },
  ): Promise<ResponseRecord>;
  change(id: string, change: ResponseChange): Promise<ResponseRecord>;
  /** AWS IAM of the account that is set up. Throws OperationError `unauthenticated` where none is. */
  iam(): Promise<IamPort>;
  /** Okta; null where it is not set up. */
  okta(): OktaPort | null;
}

export interface IamIdentity {
  name: string;
  arn: string;
  /** 12 digits, from the ARN. */
  account: string;
  /** e.g. `/` or `/aws-service-role/`. */
  path: string;
}

export type PolicyHolder = 'user' | 'role';

/** The calls of AWS IAM that containment needs, and no others. Each throws OperationError only. */
export interface IamPort {
  user(name: string): Promise<IamIdentity | undefined>;
  role(name: string): Promise<IamIdentity | undefined>;
  /** The ARN of whom the bridge itself acts as. */
  ownArn(): Promise<string>;
  accessKeys(user: string): Promise<{ id: string; status: 'Active' | 'Inactive' }[]>;
  setKeyStatus(user: string, keyId: string, status: 'Active' | 'Inactive'): Promise<void>;
  /** The document of an inline policy as JSON text; undefined where there is none of that name. */
  inlinePolicy(holder: PolicyHolder, name: string, policy: string): Promise<string | undefined>;
  putInlinePolicy(holder: PolicyHolder, name: string, policy: string, document: string): Promise<void>;
  deleteInlinePolicy(holder: PolicyHolder, name: string, policy: string): Promise<void>;
}

export interface OktaUser {
  id: string;
  login: string;
  /** e.g. ACTIVE, SUSPENDED, DEPROVISIONED. */
  status: string;
}

/** The calls of Okta's management API that containment needs. Each throws OperationError only. */
export interface OktaPort {
  /** By id or login. */
  user(idOrLogin: string): Promise<OktaUser | undefined>;
  suspend(id: string): Promise<void>;
  unsuspend(id: string): Promise<void>;
  clearSessions(id: string): Promise<void>;
}
