/** How bad one signal is by itself. A score comes of several together. */
export const severities = ['info', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** What a signal tells about: what could be done with it, or that somebody is doing it. */
export type Family =
  | 'integrity'
  | 'source'
  | 'execution'
  | 'version'
  | 'identity'
  | 'pipeline'
  | 'concealment'
  | 'people';

export interface SignalKind {
  severity: Severity;
  family: Family;
  title: string;
  /** ATT&CK techniques, the first being the one it is named after. */
  techniques: readonly string[];
  /** What a reviewer should do. */
  advice: string;
}

const dependencies = ['T1195.001'] as const;
const updates = ['T1195.002'] as const;

/**
 * Every signal that is looked for. T1195.001 is the compromise of software dependencies and development tools, T1195.002
 * that of the software supply chain itself. Severities follow what public incidents have shown: content that differs under the
 * same version is never ordinary, a new version almost always is.
 */
export const signalKinds = {
  integrity_changed: {
    severity: 'critical',
    family: 'integrity',
    title: 'Other content under the same version',
    techniques: [...updates, ...dependencies],
    advice:
      'Do not merge. Download the package from its registry and compare its checksum with both; ask who made the lockfile.',
  },
  integrity_removed: {
    severity: 'high',
    family: 'integrity',
    title: 'Checksum removed',
    techniques: dependencies,
    advice: 'Have the lockfile made again by the package manager, and see whether the checksum comes back.',
  },
  integrity_weakened: {
    severity: 'medium',
    family: 'integrity',
    title: 'Weaker checksum than before',
    techniques: dependencies,
    advice: 'Have the lockfile made again by a current package manager.',
  },
  registry_changed: {
    severity: 'high',
    family: 'source',
    title: 'Packages come from another registry or host',
    techniques: [...dependencies, 'T1584'],
    advice: 'Ask who runs the new host. If it is not yours, do not merge.',
  },
  resolved_name_mismatch: {
    severity: 'critical',
    family: 'source',
    title: 'The address is of another package than the name',
    techniques: [...dependencies, 'T1036.005'],
    advice: 'Do not merge. The lockfile installs a package other than the one it names.',
  },
  plain_http_source: {
    severity: 'high',
    family: 'source',
    title: 'Fetched without encryption',
    techniques: [...dependencies, 'T1557'],
    advice: 'Use https, or a registry.',
  },
  direct_source: {
    severity: 'medium',
    family: 'source',
    title: 'Fetched from a repository, an address or a folder instead of a registry',
    techniques: dependencies,
    advice: 'Check who owns the place, and pin a commit or a checksum.',
  },
  override_added: {
    severity: 'medium',
    family: 'source',
    title: 'A dependency is replaced by another',
    techniques: dependencies,
    advice: 'Ask why the replacement is needed, and check who owns it.',
  },
  install_script_added: {
    severity: 'high',
    family: 'execution',
    title: 'Code runs on installing that did not before',
    techniques: [...dependencies, 'T1059'],
    advice: 'Read the script. On a machine that has installed it, look for what it started and sent.',
  },
  build_hook_changed: {
    severity: 'low',
    family: 'execution',
    title: 'What runs in the build or on commits has changed',
    techniques: [...dependencies, 'T1059'],
    advice: 'Read the change as code that runs on every machine that builds this.',
  },
  download_and_run: {
    severity: 'high',
    family: 'execution',
    title: 'Downloads something and runs it',
    techniques: [...dependencies, 'T1105', 'T1059.004'],
    advice: 'Pin the download by checksum, or do without it. Check what the address serves now.',
  },
  obfuscated_code: {
    severity: 'high',
    family: 'concealment',
    title: 'Code that hides what it does',
    techniques: [...dependencies, 'T1027'],
    advice: 'Do not merge before somebody has decoded and read it.',
  },
  secrets_sent: {
    severity: 'high',
    family: 'execution',
    title: 'Variables or credentials are sent elsewhere',
    techniques: [...dependencies, 'T1552', 'T1041'],
    advice: 'Do not merge. If it has run, rotate every credential that the job could read.',
  },
  downgrade: {
    severity: 'medium',
    family: 'version',
    title: 'An older version than before',
    techniques: dependencies,
    advice: 'Ask why. Check the known vulnerabilities of the older version.',
  },
  version_anomaly: {
    severity: 'low',
    family: 'version',
    title: 'A version far away from the one before',
    techniques: dependencies,
    advice: 'Check the release with its project: a version number far above the last may have been taken over.',
  },
  unpinned: {
    severity: 'low',
    family: 'version',
    title: 'Any version may be installed',
    techniques: dependencies,
    advice: 'Give a range or a version.',
  },
  new_dependency: {
    severity: 'info',
    family: 'version',
    title: 'New dependency',
    techniques: dependencies,
    advice: 'Check that it is the package that was meant, and who publishes it.',
  },
  many_new_dependencies: {
    severity: 'low',
    family: 'version',
    title: 'Many new packages at once',
    techniques: dependencies,
    advice: 'See which of the direct dependencies brought them in.',
  },
  lock_without_manifest: {
    severity: 'medium',
    family: 'integrity',
    title: 'The lockfile changed and what is asked for did not',
    techniques: dependencies,
    advice: 'Have the lockfile made again from the manifest and compare: an entry put in by hand does not come back.',
  },
  typosquat: {
    severity: 'high',
    family: 'identity',
    title: 'The name is one slip away from a well-known one',
    techniques: [...dependencies, 'T1036.005'],
    advice: 'Check letter by letter that this is the package that was meant.',
  },
  image_unpinned: {
    severity: 'medium',
    family: 'pipeline',
    title: 'An image without a digest',
    techniques: dependencies,
    advice: 'Pin the image by its digest: a tag can be pushed over.',
  },
  image_registry_changed: {
    severity: 'high',
    family: 'source',
    title: 'The image comes from another registry or name',
    techniques: dependencies,
    advice: 'Ask who runs the registry and who owns the name.',
  },
  image_digest_changed: {
    severity: 'high',
    family: 'integrity',
    title: 'Another image under the same tag',
    techniques: [...updates, ...dependencies],
    advice: 'Check who pushed the tag again, and why.',
  },
  remote_include: {
    severity: 'high',
    family: 'pipeline',
    title: 'Jobs come from an address outside',
    techniques: dependencies,
    advice: 'Copy the file into the repository, or pin it by `integrity`.',
  },
  include_unpinned: {
    severity: 'medium',
    family: 'pipeline',
    title: 'Jobs come from a branch or tag that can move',
    techniques: dependencies,
    advice: 'Pin the include to a commit.',
  },
  guard_weakened: {
    severity: 'high',
    family: 'pipeline',
    title: 'A check of the pipeline counts less than before, or is gone',
    techniques: ['T1562.001', ...dependencies],
    advice: 'Ask who decided this. Run the check on this change by hand.',
  },
  review_weakened: {
    severity: 'medium',
    family: 'concealment',
    title: 'Fewer people have to look, or less is shown to them',
    techniques: ['T1562.001', ...dependencies],
    advice: 'Have the owners of these files confirm it.',
  },
  submodule_changed: {
    severity: 'high',
    family: 'source',
    title: 'A submodule comes from another place',
    techniques: dependencies,
    advice: 'Check who owns the new repository, and the commit it is pinned to.',
  },
  verification_weakened: {
    severity: 'high',
    family: 'integrity',
    title: 'A checksum that guarded a download is gone or was replaced',
    techniques: dependencies,
    advice: 'Compare with the checksum that the project publishes.',
  },
  hidden_characters: {
    severity: 'high',
    family: 'concealment',
    title: 'Characters that nobody sees',
    techniques: ['T1027', ...dependencies],
    advice: 'Look at the raw bytes: the text may read differently to a person and to the program.',
  },
  look_alike_characters: {
    severity: 'high',
    family: 'concealment',
    title: 'Letters of another alphabet that look like ours',
    techniques: ['T1036', ...dependencies],
    advice: 'Compare the name letter by letter with the real one.',
  },
  not_readable: {
    severity: 'low',
    family: 'concealment',
    title: 'Dependencies changed in a file that cannot be read here',
    techniques: dependencies,
    advice: 'Have it read by its own program.',
  },
  first_contribution: {
    severity: 'low',
    family: 'people',
    title: 'The first contribution of its author',
    techniques: [...dependencies, 'T1078'],
    advice: 'Check who this is.',
  },
  out_of_hours: {
    severity: 'info',
    family: 'people',
    title: 'Merged or pushed outside working hours',
    techniques: ['T1078'],
    advice: 'Ask whoever merged or pushed it whether it was them.',
  },
  missing_approval: {
    severity: 'medium',
    family: 'people',
    title: 'Merged or pushed without the approval of another person',
    techniques: [...dependencies, 'T1078'],
    advice: 'Have somebody else review it now.',
  },
  from_fork: {
    severity: 'info',
    family: 'people',
    title: 'Comes from another project',
    techniques: dependencies,
    advice: 'Check who owns the source project.',
  },
} as const satisfies Record<string, SignalKind>;

export type SignalId = keyof typeof signalKinds;
export const signalIds = Object.keys(signalKinds) as SignalId[];

/** One signal with its evidence. Texts are as in the files; whoever shows them cleans them. */
export interface Finding {
  signal: SignalId;
  severity: Severity;
  /** Path in the repository; null for what is about the merge request as a whole. */
  file: string | null;
  /** Where in the file, or which fact of the merge request. */
  key: string;
  /** The package, image or include; null where there is none. */
  name: string | null;
  before: string | null;
  after: string | null;
  /** One sentence that says what was seen. */
  statement: string;
}

export function finding(
  signal: SignalId,
  at: { file: string | null; key: string; name?: string | null },
  before: string | null,
  after: string | null,
  statement: string,
  severity: Severity = signalKinds[signal].severity,
): Finding {
  return { signal, severity, file: at.file, key: at.key, name: at.name ?? null, before, after, statement };
}
