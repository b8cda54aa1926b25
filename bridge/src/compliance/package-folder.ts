import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { PackageFile } from '../../../operations/compliance/evidence-package';
import { packageIdPattern } from '../../../operations/compliance/manifest';
import type { PackageBefore, PackagesPort } from '../../../operations/compliance/packages-port';
import { verifyPackage } from '../../../operations/compliance/verify';
import { UnavailableError } from '../../../operations/errors';

/** Larger files than this are none of ours; reading one whole would fill the memory. */
const largestFile = 1024 * 1024 * 1024;

/** A folder of evidence packages, each a folder of its own named by its id. They are written once and never changed. */
export class PackageFolder implements PackagesPort {
  constructor(
    private readonly folder: string,
    readonly maker: PackagesPort['maker'],
  ) {}

  /** Throws Error with one sentence when the folder cannot be made. */
  async prepare(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
  }

  /** The newest package, looked at whole: a changed one is told and not passed over, so that the break stays visible. */
  async latest(): Promise<PackageBefore | undefined> {
    const id = (await packagesIn(this.folder)).at(-1);
    if (id === undefined) return undefined;
    const { manifestSha256, flaws } = verifyPackage(await filesOf(join(this.folder, id)));
    const [flaw] = flaws;
    const problem = flaw === undefined ? null : `${id}/${flaw.file} ${flaw.problem}`;
    return { package_id: id, manifest_sha256: manifestSha256 ?? '0'.repeat(64), problem };
  }

  /** Writes aside and renames the whole, so that nobody sees half a package; for its owner only. */
  async keep(packageId: string, _hash: string, files: readonly PackageFile[]): Promise<{ where: string }> {
    if (!packageIdPattern.test(packageId))
      throw new Error(`not a package id: ${JSON.stringify(packageId.slice(0, 64))}`);
    const target = resolve(this.folder, packageId);
    const aside = join(this.folder, `.${randomUUID()}.part`);
    await mkdir(aside, { recursive: true, mode: 0o700 });
    try {
      for (const { name, content } of files) {
        const file = await open(join(aside, name), 'wx', 0o600);
        try {
          await file.writeFile(content, 'utf8');
          await file.sync();
        } finally {
          await file.close();
        }
      }
      await rename(aside, target);
    } catch (error) {
      await rm(aside, { recursive: true, force: true });
      const { code, message } = error as NodeJS.ErrnoException;
      throw new UnavailableError('The folder for evidence packages', code ?? message);
    }
    return { where: target };
  }
}

/** Ids of the packages in a folder, oldest first by when they were made. */
export async function packagesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const ids = entries.filter((entry) => entry.isDirectory() && packageIdPattern.test(entry.name));
  return ids.map(({ name }) => name).sort((a, b) => (madeAt(a) < madeAt(b) ? -1 : 1));
}

function madeAt(packageId: string): string {
  return packageId.slice(packageId.lastIndexOf('_') + 1);
}

/** The bytes of every file in a package's folder. What is no file counts as one without bytes: it does not belong there. */
export async function filesOf(folder: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const isOurs = entry.isFile() && (await stat(path)).size <= largestFile;
    files.set(entry.name, isOurs ? await readFile(path) : new Uint8Array());
  }
  return files;
}
