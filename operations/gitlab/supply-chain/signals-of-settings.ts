import type { SettingChange } from './compare-files';
import { type Finding, finding, type Severity } from './finding';
import { hostOf, isPublicRegistry } from './hosts';
import { isUnencrypted } from './signals-of-sources';

/** Registries, replacements, downloads and checksums set by configuration. `all` are the changed settings of the same file. */
export function settingSourceSignals(change: SettingChange, all: readonly SettingChange[]): Finding[] {
  switch (change.kind) {
    case 'registry':
      return registrySignals(change, all);
    case 'override':
      return overrideSignals(change);
    case 'distribution':
      return distributionSignals(change);
    case 'verification':
      return verificationSignals(change, all);
    case 'build_hook':
      return appliedSignals(change);
    default:
      return [];
  }
}

/** `@scope:registry`, `npmScopes.scope...`: for the packages of one owner only. */
const ofOneScope = /^@[^:]+:registry$|^npmScopes\./;

function registrySignals({ path: file, key, before, after }: SettingChange, all: readonly SettingChange[]): Finding[] {
  const at = { file, key };
  // Said in another place of the file now, such as a job that was renamed.
  if (
    before === null &&
    all.some((other) => other.kind === 'registry' && other.after === null && other.before === after)
  )
    return [];
  if (after === null) {
    // Without it the packages of the scope are looked for in the public registry, where anybody may have taken their names.
    return ofOneScope.test(key) && before !== null && !isPublicRegistry(before)
      ? [
          finding(
            'registry_changed',
            at,
            before,
            null,
            `${key} is no longer set to ${before}: other registries are asked.`,
            'medium',
          ),
        ]
      : [];
  }
  const isNew = before === null;
  const severity: Severity = isPublicRegistry(after) ? 'low' : isNew && ofOneScope.test(key) ? 'medium' : 'high';
  const statement = isNew ? `A registry was added: ${after}` : `The registry ${before} was replaced: ${after}`;
  const findings = [finding('registry_changed', at, before, after, statement, severity)];
  if (isUnencrypted(after))
    findings.push(
      finding('plain_http_source', at, before, after, `The registry ${after} is asked without encryption.`),
    );
  return findings;
}

/**
 * What stands in for a dependency: the code of somebody else weighs more than another version of the same package, and a folder
 * of the project least.
 */
function overrideSignals({ path: file, key, before, after }: SettingChange): Finding[] {
  if (after === null) return [];
  const at = { file, key };
  const fromRepository =
    /\b(?:git\+|git:|git@|ssh:|github:|gitlab:|bitbucket:)|https?:\/\/|"git"\s{0,9}:|\.git\b|^[\w.-]+\/[\w.-]+(?:#|$)/.test(
      after,
    );
  const isOwnFolder = /^(?:file:|link:|workspace:)?\.{0,2}\/(?!.*\.tgz$)|^\{"path":"[^/~]/.test(after);
  const replaced = key.replace(/^replace\s+/, '').split(/\s/)[0] ?? key;
  const isOtherModule = key.startsWith('replace ') && !isOwnFolder && (after.split(/\s/)[0] ?? '') !== replaced;
  const isAlias = /^npm:/.test(after);
  const severity: Severity = isOwnFolder
    ? 'low'
    : fromRepository || isOtherModule
      ? 'high'
      : isAlias
        ? 'medium'
        : 'low';
  const findings = [finding('override_added', at, before, after, `${key} now stands for ${after}.`, severity)];
  if (fromRepository && !isOwnFolder)
    findings.push(
      finding('direct_source', at, before, after, `${key} comes from a repository or an address: ${after}`),
    );
  const address = /\bhttps?:\/\/[^\s"',]+/.exec(after)?.[0];
  if (address !== undefined && isUnencrypted(address))
    findings.push(finding('plain_http_source', at, before, after, `${key} is fetched without encryption.`));
  return findings;
}

function distributionSignals({ path: file, key, before, after }: SettingChange): Finding[] {
  if (after === null) return [];
  const host = hostOf(addressIn(after));
  const isSame = before !== null && host === hostOf(addressIn(before));
  if (isSame || (before === null && isPublicRegistry(addressIn(after)))) return [];
  // Docker compares what it adds with this.
  if (/--checksum=sha256:/.test(after)) return [];
  const was = before === null ? '' : `, before from ${hostOf(addressIn(before)) ?? before}`;
  return [finding('registry_changed', { file, key }, before, after, `${key} downloads from ${host ?? after}${was}.`)];
}

function addressIn(text: string): string {
  return /\b[a-z][a-z0-9+.-]{0,30}:\/\/\S+|\bgit@\S+/i.exec(text)?.[0] ?? text;
}

/** A checksum that changes together with what it guards is as it should be. */
function verificationSignals(
  { path: file, key, before, after }: SettingChange,
  all: readonly SettingChange[],
): Finding[] {
  if (before === null || !/Sum$|^verify-/.test(key)) return [];
  const at = { file, key };
  if (key.startsWith('verify-')) {
    return after === 'true' ? [] : [finding('verification_weakened', at, before, after, `${key} was switched off.`)];
  }
  const guarded = key.replace(/Sha256Sum$/, 'Url');
  const guardedChanged = all.some(
    (other) => other.kind === 'distribution' && other.key === guarded && other.after !== null,
  );
  if (after !== null && guardedChanged) return [];
  const statement = after === null ? `${key} was removed.` : `${key} was replaced, and what it guards was not.`;
  return [finding('verification_weakened', at, before, after, statement)];
}

/** A part of the build that is fetched from an address each time. */
function appliedSignals({ path: file, key, before, after }: SettingChange): Finding[] {
  if (after === null || !/^(?:apply from|plugins)\b/.test(key) || !/^https?:/i.test(after)) return [];
  const at = { file, key };
  const findings = [finding('direct_source', at, before, after, `The build runs a script from ${after}.`, 'high')];
  if (isUnencrypted(after))
    findings.push(finding('plain_http_source', at, before, after, `${after} is fetched without encryption.`));
  return findings;
}
