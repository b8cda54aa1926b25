import { containmentTargets } from '../response/containment-targets';
import { alertDataLabel } from './alert-coverage';
import type { CoverageItem, EvidenceItem, TimelineEntry, Verdict } from './evidence';
import type { ObservedTarget } from './observed-targets';

/** What a responder does first when a rule fired, after AWS's and Panther's public playbooks. Keyed by the rule's name. */
const responses: Readonly<Record<string, string>> = {
  self_privilege_grant: 'Detach what the principal gave itself, and suspend its keys and console password',
  admin_policy_attached: 'Take back the administration policy and see what was done with it since',
  access_key_for_other_user: 'Deactivate the new access key and list the calls made with it',
  login_profile_for_other_user: 'Remove the console password and end the sessions opened with it',
  new_user_with_access: 'Disable the new user with its keys, and keep it for the investigation',
  mfa_removed: 'Put the second factor back and ask its owner',
  identity_provider_added: 'Disable the identity provider or trust anchor and the profiles that use it',
  log_tampering: 'Turn recording back on and look for other sources for the gap',
  short_lived_bucket_content: 'Remove the life-cycle rule and protect the objects that are left',
  organization_left: 'Check that the account is still in its organisation and who may leave it',
  snapshot_or_image_shared_outside: 'Withdraw the share; treat the content as copied',
  bucket_shared_outside: 'Withdraw the bucket policy and read the access log since then',
  role_trusts_outside_account: 'Restore the trust policy and end the sessions of the role',
  function_callable_from_outside: "Remove the function's outside permission and read its invocations",
  security_group_opened_to_world: 'Close the rule and check the machines behind it for sign-ins',
  secrets_read_in_bulk: 'Rotate the secrets that were read, the most powerful first',
  machine_secrets_read: 'Rotate machine passwords and whatever start scripts contain',
  machine_credentials_used_elsewhere: "End the sessions of the machine's role and examine the machine",
  remote_command_or_shell: 'Read the command history of Systems Manager and examine the machines',
  start_script_changed: 'Compare the start script with its source and keep the machine from restarting',
  deployed_code_changed: 'Compare the deployed code with the repository and redeploy from there',
  unusual_machines_started: 'Stop the machines after taking a copy of one, and set a quota',
  mass_deletion: 'Stop the principal at once and start recovery from backups',
  sign_in_after_failures: 'Reset the password, end the sessions, and ask the user',
  console_sign_in_without_mfa: 'Ask the user about the sign-in and require a second factor',
  root_user_used: 'Ask the owner of the root user, and change its password and keys if nobody knows',
};

/** At most 10 steps, most urgent first. Fixed sentences with evidence ids; no text of a log enters. */
export function nextActions(
  verdict: Verdict,
  evidence: readonly EvidenceItem[],
  coverage: readonly CoverageItem[],
  acted: { timeline: readonly TimelineEntry[]; observed: readonly ObservedTarget[] } = { timeline: [], observed: [] },
): string[] {
  const steps: string[] = verdict.outcome === 'true_positive' ? stopping(evidence, acted) : [];
  const hostile = evidence.filter((item) => item.family === 'hostile');
  if (verdict.outcome === 'true_positive' || verdict.outcome === 'needs_review') {
    if (verdict.outcome === 'needs_review') steps.push('A person decides: read the evidence and what was not seen.');
    const seen = new Set<string>();
    for (const item of hostile.filter(({ strength }) => strength !== 'weak')) {
      const response = Object.hasOwn(responses, item.rule) ? responses[item.rule] : undefined;
      if (response !== undefined && !seen.has(response)) steps.push(`${response} (${item.id}).`);
      if (response !== undefined) seen.add(response);
    }
    if (verdict.outcome === 'true_positive') {
      steps.push(
        'Ask the people whose identities appear whether they did this, by another channel than the one under suspicion.',
      );
    }
  }
  if (coverage.some(({ label }) => label === alertDataLabel))
    steps.push('Check what of the alert itself is not sure (alert_data), and look at the right time and entities.');
  const failed = coverage.filter(
    ({ status, label }) => (status === 'failed' || status === 'truncated') && label !== alertDataLabel,
  );
  if (failed.length > 0)
    steps.push(`Run again what was not answered in full: ${failed.map((item) => item.label).join(', ')}.`);
  if (verdict.outcome === 'benign_positive')
    steps.push('Consider a filter in the detection for this explained activity.');
  if (verdict.outcome === 'false_positive')
    steps.push("Mark the alert as noise in Panther, so that the rule's history learns it.");
  return steps.slice(0, 10).map((step) => step.slice(0, 500));
}

/** Whoever acted comes before the traces of it: undoing their work is no use while they can do it again. */
function stopping(
  evidence: readonly EvidenceItem[],
  { timeline, observed }: { timeline: readonly TimelineEntry[]; observed: readonly ObservedTarget[] },
): string[] {
  const findings = { timeline: [...timeline], observed: [...observed] };
  const { targets, by_hand } = containmentTargets({ evidence: [...evidence], findings });
  const cited = (list: readonly { evidence_ids: string[] }[]) =>
    [...new Set(list.flatMap(({ evidence_ids }) => evidence_ids.slice(0, 1)))].slice(0, 5).join(', ');
  return [
    ...(targets.length === 0
      ? []
      : [
          `Stop whoever acted: propose_containment names whom, with the keys they made for others, and people approve it (${cited(targets)}).`,
        ]),
    ...(by_hand.length === 0
      ? []
      : [`Stop by hand those for whom there is no automated action: root, an identity centre (${cited(by_hand)}).`]),
  ];
}
