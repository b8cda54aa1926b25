import { administratorGranted } from './administrator-granted';
import { alarmsSilenced } from './alarms-silenced';
import { azureAdministratorGranted } from './azure-administrator-granted';
import { azurePasswordSpray } from './azure-password-spray';
import { azurePolicyWeakened } from './azure-policy-weakened';
import { azureSecondFactorOff } from './azure-second-factor-off';
import { backupsDestroyed } from './backups-destroyed';
import { bucketOpened } from './bucket-opened';
import { commandsOnMachines } from './commands-on-machines';
import { consoleAfterApi } from './console-after-api';
import { consoleWithoutMfa } from './console-without-mfa';
import { diskOrImageShared } from './disk-or-image-shared';
import { expensiveMachines } from './expensive-machines';
import { failedConsoleSignIns } from './failed-console-sign-ins';
import { functionChangedByHand } from './function-changed-by-hand';
import { googleSecondFactorOff } from './google-second-factor-off';
import { googleSuspiciousSignIn } from './google-suspicious-sign-in';
import type { Hunt } from './hunt';
import { identityProviderAdded } from './identity-provider-added';
import { keyDeletionScheduled } from './key-deletion-scheduled';
import { keyForAnotherUser } from './key-for-another-user';
import { keyFromManyNetworks } from './key-from-many-networks';
import { logTampering } from './log-tampering';
import { manyRefusals } from './many-refusals';
import { massObjectReads } from './mass-object-reads';
import { massSecretReads } from './mass-secret-reads';
import { mfaRemoved } from './mfa-removed';
import { oktaAdministratorGranted } from './okta-administrator-granted';
import { oktaFactorReset } from './okta-factor-reset';
import { oktaPasswordSpray } from './okta-password-spray';
import { oktaPolicyWeakened } from './okta-policy-weakened';
import { oktaPushFatigue } from './okta-push-fatigue';
import { passwordsOfMachines } from './passwords-of-machines';
import { policyVersionSwapped } from './policy-version-swapped';
import { policyWrittenWithAllRights } from './policy-written-with-all-rights';
import { rightsGivenToOneself } from './rights-given-to-oneself';
import { roleAssumedFromOtherAccount } from './role-assumed-from-other-account';
import { roleChain } from './role-chain';
import { rolePassedToCompute } from './role-passed-to-compute';
import { rootUsed } from './root-used';
import { trustPolicyChanged } from './trust-policy-changed';

/** Every hunt, each in a file of its own. */
export const hunts: readonly Hunt[] = [
  administratorGranted,
  alarmsSilenced,
  backupsDestroyed,
  bucketOpened,
  commandsOnMachines,
  consoleAfterApi,
  consoleWithoutMfa,
  diskOrImageShared,
  expensiveMachines,
  failedConsoleSignIns,
  functionChangedByHand,
  identityProviderAdded,
  keyDeletionScheduled,
  keyForAnotherUser,
  keyFromManyNetworks,
  logTampering,
  manyRefusals,
  massObjectReads,
  massSecretReads,
  mfaRemoved,
  passwordsOfMachines,
  policyVersionSwapped,
  policyWrittenWithAllRights,
  rightsGivenToOneself,
  roleAssumedFromOtherAccount,
  roleChain,
  rolePassedToCompute,
  rootUsed,
  trustPolicyChanged,
  oktaFactorReset,
  oktaPushFatigue,
  oktaPasswordSpray,
  oktaAdministratorGranted,
  oktaPolicyWeakened,
  googleSecondFactorOff,
  googleSuspiciousSignIn,
  azurePasswordSpray,
  azureAdministratorGranted,
  azureSecondFactorOff,
  azurePolicyWeakened,
];

export function huntNamed(name: string): Hunt | undefined {
  return hunts.find((hunt) => hunt.name === name);
}
