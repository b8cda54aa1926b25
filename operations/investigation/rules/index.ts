import { deniedBurst, machineCredentialsMoved, passwordGuessed, roleSweep, rootUsed, signInWithoutMfa } from './access';
import {
  accessKeyForOther,
  backdoorUser,
  federationToken,
  loginProfileForOther,
  mfaRemoved,
  trustAnchorCreated,
} from './credentials';
import { customerKeyEncryption, findingsSuppressed, protectionWeakened, retentionCut } from './defences';
import { attackToolUsed, machineEnumerates, mailEnumerated, secretsByFilter } from './enumeration';
import {
  changesContained,
  mergedChange,
  nothingHostile,
  nothingSensitive,
  nothingTookEffect,
  routineWork,
} from './exculpatory';
import { codeChanged, remoteCommand, shellsOnSeveralMachines, startScriptChanged } from './execution';
import { databaseExposed, dataExported, machineRoleWidened, resourceShared, trafficMirrored } from './exposure';
import { gitlabRules } from './gitlab';
import { identityRules } from './identity';
import { bucketEmptied, computeHijack, massDeletion, recoveryWeakened, serviceHijack } from './impact';
import { firstSensitiveCall, newAddress, newClient, rareDiscovery, sharedNewAddress } from './novelty';
import { adminPolicyAttached, policyVersionSet, selfPrivilegeGrant } from './privilege';
import type { EvidenceRule, Finding, RuleContext } from './rule';
import { accountDump, machineSecrets, secretsBurst, snapshotBlocksRead } from './secrets';
import { bucketShared, functionShared, securityGroupOpened, snapshotShared, trustedOutside } from './sharing';
import { supplyChainRules } from './supply-chain';
import {
  accountsTakenOver,
  clusterTakenOver,
  consoleFromKey,
  escalationPolicy,
  factorForOther,
  guardrailRemoved,
  keyQuarantined,
  roleBorrowed,
  rootKeyCreated,
} from './takeover';
import { logTampering, organizationLeft, shortLifecycle, tracesDeleted } from './tampering';

/** The one table of weights, in the order people read it. */
export const evidenceRules: readonly EvidenceRule[] = [
  selfPrivilegeGrant,
  adminPolicyAttached,
  policyVersionSet,
  escalationPolicy,
  guardrailRemoved,
  accountsTakenOver,
  clusterTakenOver,
  accessKeyForOther,
  loginProfileForOther,
  backdoorUser,
  mfaRemoved,
  federationToken,
  trustAnchorCreated,
  factorForOther,
  rootKeyCreated,
  keyQuarantined,
  machineRoleWidened,
  logTampering,
  shortLifecycle,
  tracesDeleted,
  organizationLeft,
  protectionWeakened,
  findingsSuppressed,
  retentionCut,
  snapshotShared,
  bucketShared,
  resourceShared,
  dataExported,
  trafficMirrored,
  trustedOutside,
  functionShared,
  securityGroupOpened,
  databaseExposed,
  snapshotBlocksRead,
  secretsBurst,
  secretsByFilter,
  machineSecrets,
  accountDump,
  machineEnumerates,
  mailEnumerated,
  remoteCommand,
  shellsOnSeveralMachines,
  roleBorrowed,
  startScriptChanged,
  codeChanged,
  computeHijack,
  massDeletion,
  bucketEmptied,
  recoveryWeakened,
  customerKeyEncryption,
  serviceHijack,
  rootUsed,
  signInWithoutMfa,
  consoleFromKey,
  passwordGuessed,
  deniedBurst,
  roleSweep,
  machineCredentialsMoved,
  newAddress,
  newClient,
  attackToolUsed,
  firstSensitiveCall,
  rareDiscovery,
  sharedNewAddress,
  ...identityRules,
  ...gitlabRules,
  ...supplyChainRules,
  routineWork,
  mergedChange,
  nothingHostile,
  nothingSensitive,
  nothingTookEffect,
  changesContained,
];

/** Runs the hostile rules, then the exculpatory ones, which may look at what the hostile ones found. */
export function findEvidence(context: RuleContext, rules: readonly EvidenceRule[] = evidenceRules): Finding[] {
  const hostile = rules.filter((rule) => rule.family === 'hostile').flatMap((rule) => rule.find(context, []));
  return [...hostile, ...exonerating(context, rules, hostile)];
}

function exonerating(context: RuleContext, rules: readonly EvidenceRule[], hostile: readonly Finding[]): Finding[] {
  return rules.filter((rule) => rule.family === 'exculpatory').flatMap((rule) => rule.find(context, hostile));
}

/**
 * The findings if one of them were wrong. What exonerates only while nothing hostile is there is looked for again without the
 * hostile one.
 */
export function withoutOne(
  context: RuleContext,
  rules: readonly EvidenceRule[],
  findings: readonly Finding[],
  gone: Finding,
): Finding[] {
  const rest = findings.filter((finding) => finding !== gone);
  if (gone.family === 'exculpatory') return rest;
  const hostile = rest.filter((finding) => finding.family === 'hostile');
  return [...hostile, ...exonerating(context, rules, hostile)];
}
