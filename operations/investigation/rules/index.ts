import { deniedBurst, machineCredentialsMoved, passwordGuessed, roleSweep, rootUsed, signInWithoutMfa } from './access';
import {
  accessKeyForOther,
  backdoorUser,
  federationToken,
  loginProfileForOther,
  mfaRemoved,
  trustAnchorCreated,
} from './credentials';
import { mergedChange, nothingHostile, nothingSensitive, routineWork } from './exculpatory';
import {
  codeChanged,
  computeHijack,
  massDeletion,
  recoveryWeakened,
  remoteCommand,
  serviceHijack,
  startScriptChanged,
} from './execution';
import { firstSensitiveCall, newAddress, newClient, rareDiscovery, sharedNewAddress } from './novelty';
import { adminPolicyAttached, policyVersionSet, selfPrivilegeGrant } from './privilege';
import type { EvidenceRule, Finding, RuleContext } from './rule';
import { accountDump, machineSecrets, secretsBurst, snapshotBlocksRead } from './secrets';
import { bucketShared, functionShared, securityGroupOpened, snapshotShared, trustedOutside } from './sharing';
import { logTampering, organizationLeft, shortLifecycle, tracesDeleted } from './tampering';

/** The one table of weights, in the order people read it. */
export const evidenceRules: readonly EvidenceRule[] = [
  selfPrivilegeGrant,
  adminPolicyAttached,
  policyVersionSet,
  accessKeyForOther,
  loginProfileForOther,
  backdoorUser,
  mfaRemoved,
  federationToken,
  trustAnchorCreated,
  logTampering,
  shortLifecycle,
  tracesDeleted,
  organizationLeft,
  snapshotShared,
  bucketShared,
  trustedOutside,
  functionShared,
  securityGroupOpened,
  snapshotBlocksRead,
  secretsBurst,
  machineSecrets,
  accountDump,
  remoteCommand,
  startScriptChanged,
  codeChanged,
  computeHijack,
  massDeletion,
  recoveryWeakened,
  serviceHijack,
  rootUsed,
  signInWithoutMfa,
  passwordGuessed,
  deniedBurst,
  roleSweep,
  machineCredentialsMoved,
  newAddress,
  newClient,
  firstSensitiveCall,
  rareDiscovery,
  sharedNewAddress,
  routineWork,
  mergedChange,
  nothingHostile,
  nothingSensitive,
];

/** Runs the hostile rules, then the exculpatory ones, which may look at what the hostile ones found. */
export function findEvidence(context: RuleContext): Finding[] {
  const hostile = evidenceRules.filter((rule) => rule.family === 'hostile').flatMap((rule) => rule.find(context, []));
  const exculpatory = evidenceRules
    .filter((rule) => rule.family === 'exculpatory')
    .flatMap((rule) => rule.find(context, hostile));
  return [...hostile, ...exculpatory];
}
