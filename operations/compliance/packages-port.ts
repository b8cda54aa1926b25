import type { PackageFile } from './evidence-package';

/** The package before the one that is being made, as the host keeps it. */
export interface PackageBefore {
  package_id: string;
  manifest_sha256: string;
  /** Why it cannot be relied on, e.g. because a file of it was changed; null when it holds. */
  problem: string | null;
}

/** Where evidence packages go. A host without it gives the summary alone. */
export interface PackagesPort {
  /** Who is calling, for the manifest. */
  readonly maker: { program: string; version: string; who: string; zone_data: string | null };
  /** The last package that was made here; undefined for none. */
  latest(): Promise<PackageBefore | undefined>;
  /** Keeps all files, or none of them. Tells where they are, in words for people. */
  keep(packageId: string, manifestSha256: string, files: readonly PackageFile[]): Promise<{ where: string }>;
}
