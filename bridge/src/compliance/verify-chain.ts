import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { sha256Of } from '../../../operations/compliance/evidence-package';
import { brokenChain, type Manifest, manifestName } from '../../../operations/compliance/manifest';
import { type Verified, verifyPackage } from '../../../operations/compliance/verify';
import { filesOf, packagesIn } from './package-folder';

/** What came of one package. */
export interface PackageCheck extends Verified {
  folder: string;
  /** What is wrong with its link to the package before; empty when it holds or it is the first. */
  chain: string[];
}

/**
 * Checks a package, or every package of a folder, each with its link to the one before, which is looked for beside it.
 * Throws Error with one sentence when there is nothing to check.
 */
export async function verifyFolder(folder: string, expectedHash?: string): Promise<PackageCheck[]> {
  const path = resolve(folder);
  const isThere = await stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (!isThere) throw new Error(`${folder} is no folder.`);
  const ids = await packagesIn(path);
  const holdsPackage = (await filesOf(path)).has(manifestName);
  if (ids.length === 0 || holdsPackage) return [await verifyOne(path, expectedHash)];
  if (expectedHash !== undefined) throw new Error('--manifest-sha256 is for one package; name its folder.');
  const checks: PackageCheck[] = [];
  for (const id of ids) checks.push(await verifyOne(join(path, id)));
  return checks;
}

async function verifyOne(folder: string, expectedHash?: string): Promise<PackageCheck> {
  const verified = verifyPackage(await filesOf(folder));
  const { manifest, flaws } = verified;
  if (expectedHash !== undefined && verified.manifestSha256 !== expectedHash.toLowerCase())
    flaws.push({ file: manifestName, problem: 'does not have the hash that was given' });
  if (manifest !== null && basename(folder) !== manifest.package_id)
    flaws.push({
      file: manifestName,
      problem: `is of package ${manifest.package_id}, and its folder has another name`,
    });
  return { folder, ...verified, chain: manifest === null ? [] : await chainProblems(folder, manifest) };
}

async function chainProblems(folder: string, { previous, chain }: Manifest): Promise<string[]> {
  const problems = chain.startsWith(brokenChain) ? [`${chain} This was known when the package was made.`] : [];
  if (previous === null) return problems;
  const { package_id: id, manifest_sha256: hash } = previous;
  const bytes = await readFile(join(dirname(folder), id, manifestName)).catch(() => undefined);
  if (bytes === undefined) problems.push(`${brokenChain}: the package before, ${id}, is missing beside this one.`);
  else if (sha256Of(bytes) !== hash)
    problems.push(`${brokenChain}: the manifest of the package before, ${id}, was changed since this one was made.`);
  return problems;
}
