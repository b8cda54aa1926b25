import { type ApprovableAction, actionDigest } from '../approvals';
import type { CaseRecord } from '../cases';
import { InvalidInputError } from '../errors';
import {
  type ResponseActionName,
  type ResponseRecord,
  type ResponseSettings,
  type ResponseSystem,
  responseActionNames,
} from './response-port';
import type { StepKind, Parameters as StepParameters, Systems } from './steps/step-kind';

/** What a planner gets to know. It reads, and never changes anything. */
export interface PlanRequest {
  record: CaseRecord;
  target: string;
  settings: ResponseSettings;
  systems: Systems;
  /** The moment from which older sessions are revoked, ISO 8601 to the second: part of what is approved. */
  at: string;
}

export interface DraftPlan {
  /** The target as the service knows it. */
  label: string;
  steps: [StepKind, StepParameters][];
  warnings: string[];
}

/** One action on one system. */
export interface ResponseAction {
  name: ResponseActionName;
  system: ResponseSystem;
  draft(request: PlanRequest): Promise<DraftPlan>;
}

/** What of a response decides what happens. */
type Decisive = Pick<ResponseRecord, 'action' | 'system' | 'case_id' | 'target_label' | 'steps'>;

/** The action as people approve it: nothing that decides what happens is left out of it. */
export function approvableOf(response: Decisive): ApprovableAction {
  return {
    name: response.action,
    target: `${response.system}: ${response.target_label}`.slice(0, 500),
    arguments: {
      case_id: response.case_id,
      steps: response.steps.map(({ kind, parameters }) => ({ kind, ...parameters })),
    },
  };
}

/** Taking it back is an action of its own, with an approval of its own. */
export function rollbackOf(response: Decisive & Pick<ResponseRecord, 'id'>): ApprovableAction {
  const { name, target, arguments: given } = approvableOf(response);
  return { name: `roll_back_${name}`, target, arguments: { ...given, response_id: response.id } };
}

/** Whether an action that people are asked about is a containment: then its case waits for their answer. */
export function isOfResponse({ name, arguments: given }: ApprovableAction): boolean {
  return responseActionNames.some((known) => known === name) && Array.isArray(given.steps);
}

export function digestOf(response: Decisive): string {
  return actionDigest(approvableOf(response));
}

/** A name without the ARN around it, and the ARN's account where it is one. */
export function nameOf(target: string, kind: 'user' | 'role'): { name: string; account: string | null } {
  const text = target.trim();
  if (!text.startsWith('arn:')) return { name: text, account: null };
  const match = new RegExp(`^arn:aws[a-z-]*:iam::(\\d{12}):${kind}/(?:[^/]+/)*([^/]+)$`).exec(text);
  if (match?.[1] === undefined || match[2] === undefined)
    throw new InvalidInputError(
      'target',
      `is no ARN of an IAM ${kind}, such as arn:aws:iam::123456789012:${kind}/name`,
    );
  return { name: match[2], account: match[1] };
}
