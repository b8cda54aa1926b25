import type { ChangeFinding } from '../change-findings';
import type { Severity } from '../evidence';
import { changeRule } from './change-rule';
import type { EvidenceRule } from './rule';

/** How much a signal's own severity counts: one alone is rarely an attack, except for content that is not what it was. */
const factors: Readonly<Record<string, number>> = { critical: 1, high: 0.8, medium: 0.4, low: 0.15, info: 0 };

function family(
  name: string,
  weight: number,
  severity: Severity,
  techniques: string[],
  signals: string[],
  says: string,
): EvidenceRule {
  return changeRule({
    name,
    group: 'supply_chain',
    weight,
    severity,
    techniques,
    list: 'supplyChain',
    match: ({ code, severity: own }: ChangeFinding) => (signals.includes(code) ? (factors[own] ?? 0.15) : undefined),
    says,
  });
}

/** Other bytes under the same version are never ordinary. ATT&CK T1195.002. */
export const contentChanged = family(
  'dependency_content_changed',
  2.6,
  'CRITICAL',
  ['T1195.001', 'T1195.002'],
  ['integrity_changed', 'integrity_removed', 'integrity_weakened', 'image_digest_changed', 'verification_weakened'],
  'A dependency has other content or a weaker checksum than before',
);

/** Packages, images or includes from somewhere else. ATT&CK T1195.001. */
export const sourceRedirected = family(
  'dependency_source_changed',
  1.8,
  'HIGH',
  ['T1195.001'],
  [
    'registry_changed',
    'resolved_name_mismatch',
    'plain_http_source',
    'direct_source',
    'override_added',
    'image_registry_changed',
    'remote_include',
    'submodule_changed',
  ],
  'A dependency comes from another place than before',
);

/** Code that runs by itself when a package is installed or a pipeline begins. ATT&CK T1059, T1195.002. */
export const runsByItself = family(
  'code_runs_on_install',
  2.3,
  'HIGH',
  ['T1059', 'T1195.002'],
  ['install_script_added', 'build_hook_changed', 'download_and_run', 'secrets_sent'],
  'A change brings code that runs by itself, loads other code or sends secrets',
);

/** What cannot be read is meant not to be. ATT&CK T1027. */
export const concealed = family(
  'code_concealed',
  2,
  'HIGH',
  ['T1027'],
  ['obfuscated_code', 'hidden_characters', 'look_alike_characters'],
  'A change holds code that is obfuscated or looks like something else',
);

/** A name made to be taken for another. ATT&CK T1195.001. */
export const typosquatted = family(
  'dependency_name_imitated',
  2,
  'HIGH',
  ['T1195.001'],
  ['typosquat'],
  'A new dependency has nearly the name of a well-known one',
);

/** The pipeline or its guards changed. ATT&CK T1562.001, T1195.002. */
export const guardWeakened = family(
  'pipeline_guard_weakened',
  1.8,
  'HIGH',
  ['T1562.001', 'T1195.002'],
  ['guard_weakened', 'review_weakened', 'include_unpinned', 'image_unpinned'],
  'A change weakens the checks of pipelines or of review',
);

/** Versions that went back, jumped or are no longer fixed. ATT&CK T1195.001. */
export const versionOdd = family(
  'dependency_version_odd',
  1.2,
  'MEDIUM',
  ['T1195.001'],
  ['downgrade', 'version_anomaly', 'unpinned', 'lock_without_manifest', 'many_new_dependencies'],
  'Versions of dependencies went back, jumped or are no longer fixed',
);

export const supplyChainRules: readonly EvidenceRule[] = [
  contentChanged,
  sourceRedirected,
  runsByItself,
  concealed,
  typosquatted,
  guardWeakened,
  versionOdd,
];
