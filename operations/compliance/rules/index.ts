import { afterHours, failed, mfa, privileged, root } from './access';
import { approvalBeforeLastChange, deployments, directPushes, segregationOfDuties, settingChanges } from './changes';
import { logChanges, logGaps } from './operations';
import { type ControlName, controlNames, type Exception, type RuleInput } from './rule';

/** Grows when a rule finds something else in the same rows: an older package is then derived by its own program. */
export const rulesVersion = 1;

const rules: Record<ControlName, (input: RuleInput) => Exception[]> = {
  access_after_hours: afterHours,
  access_privileged: privileged,
  access_failed: failed,
  access_root: root,
  access_mfa: mfa,
  change_segregation_of_duties: segregationOfDuties,
  change_approval_before_last_change: approvalBeforeLastChange,
  change_direct_push: directPushes,
  change_settings: settingChanges,
  change_deployment: deployments,
  operations_log_gaps: logGaps,
  operations_log_changes: logChanges,
};

/** Everything that the rules find, by control and then by time. The same rows and settings always give the same list. */
export function deriveExceptions(input: RuleInput): Exception[] {
  return controlNames.flatMap((control) =>
    rules[control](input).sort((a, b) => order(a.at, b.at) || order(a.subject, b.subject) || order(a.kind, b.kind)),
  );
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
