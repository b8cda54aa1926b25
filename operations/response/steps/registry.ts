import type { PlannedStep } from '../response-port';
import { blockGitLabUser, revokeGitLabToken } from './gitlab-user';
import { deactivateAccessKey } from './iam-access-key';
import { denyAllToRole, denyAllToUser, revokeRoleSessions, revokeUserSessions } from './iam-policies';
import { clearOktaSessions, suspendOktaUser } from './okta-user';
import type { Parameters, StepKind } from './step-kind';

/** The closed list of changes. Nothing outside it can be planned, stored or carried out. */
export const stepKinds: readonly StepKind[] = [
  denyAllToUser,
  revokeUserSessions,
  deactivateAccessKey,
  denyAllToRole,
  revokeRoleSessions,
  blockGitLabUser,
  revokeGitLabToken,
  suspendOktaUser,
  clearOktaSessions,
];

/** Throws for a kind or for parameters that are not on the list: a stored plan is no more trusted than any other input. */
export function kindOf(step: Pick<PlannedStep, 'kind' | 'parameters'>): StepKind {
  const found = stepKinds.find(({ kind }) => kind === step.kind);
  if (found === undefined) throw new Error(`there is no step of kind ${JSON.stringify(step.kind)}`);
  const given = Object.keys(step.parameters).sort().join();
  if (given !== [...found.parameters].sort().join()) throw new Error(`a step ${step.kind} has parameters ${given}`);
  return found;
}

/** Numbers steps and puts them into words. */
export function planned(steps: readonly [StepKind, Parameters][]): PlannedStep[] {
  return steps.map(([kind, parameters], index) => ({
    id: `S${index + 1}`,
    kind: kind.kind,
    parameters: { ...parameters },
    what: kind.what(parameters),
    call: kind.call,
    reversible: kind.revert !== undefined,
  }));
}
