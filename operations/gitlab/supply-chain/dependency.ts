/** The kinds of package and of reference that are read, by the names that package URLs use where they have one. */
export const ecosystems = [
  'npm',
  'pypi',
  'golang',
  'cargo',
  'gem',
  'maven',
  'composer',
  'nuget',
  'docker',
  'gitlab_ci',
  'git_submodule',
] as const;
export type Ecosystem = (typeof ecosystems)[number];

/** Where the bytes of a dependency come from. `url` is as the file writes it, null when it names none. */
export interface Source {
  type: 'registry' | 'git' | 'http' | 'file' | 'unknown';
  url: string | null;
}

/**
 * One dependency as one file states it. A lockfile gives what is installed, a manifest what is asked for. Texts are as in
 * the file: whoever shows them cleans them.
 */
export interface Dependency {
  ecosystem: Ecosystem;
  name: string;
  /** Exact in a lockfile, a range or tag in a manifest; null when the file names none. */
  version: string | null;
  /** Asked for by the project itself; null where the file does not tell. */
  isDirect: boolean | null;
  /** Only for building and testing; null where the file does not tell. */
  isDevelopment: boolean | null;
  source: Source;
  /** Checksums with their algorithm in front, e.g. `sha512-...`; empty when the file has none for it. */
  integrity: string[];
  /** Runs code when it is installed; null where the file does not tell. */
  hasInstallScript: boolean | null;
  /** Where in the file, e.g. `packages["node_modules/left-pad"]` or `line 12`: unique within the file. */
  key: string;
}

/** Something a file says beside its dependencies that decides what code is fetched or run. */
export interface Setting {
  kind:
    | 'registry'
    | 'install_script'
    | 'override'
    | 'ci_include'
    | 'ci_image'
    | 'ci_script'
    | 'ci_job'
    | 'build_hook'
    | 'distribution'
    | 'verification';
  /** What it is about, unique within the file and kind: a scope, a script's name, a job. */
  key: string;
  value: string;
}

/** What one file says. `problems` name the parts that could not be read; the rest stands. */
export interface FileContent {
  path: string;
  ecosystem: Ecosystem;
  /** `lockfile`: what is installed; `manifest`: what is asked for; `configuration`: where from and how. */
  role: 'lockfile' | 'manifest' | 'configuration';
  dependencies: Dependency[];
  settings: Setting[];
  problems: string[];
}

/** Reads one kind of file. Never throws: what cannot be read becomes a problem. */
export type FileReader = (path: string, text: string) => FileContent;

export function emptyContent(path: string, ecosystem: Ecosystem, role: FileContent['role']): FileContent {
  return { path, ecosystem, role, dependencies: [], settings: [], problems: [] };
}

/** Whether nothing at all could be taken from a file, and that for a reason: it says nothing, and least of all that it is empty. */
export function isNotUnderstood({ dependencies, settings, problems }: FileContent): boolean {
  return problems.length > 0 && dependencies.length === 0 && settings.length === 0;
}

/** A dependency of which only the given parts are known. */
export function dependency(known: Pick<Dependency, 'ecosystem' | 'name' | 'key'> & Partial<Dependency>): Dependency {
  return {
    version: null,
    isDirect: null,
    isDevelopment: null,
    source: { type: 'unknown', url: null },
    integrity: [],
    hasInstallScript: null,
    ...known,
  };
}

/** What kind of source an address, or a version that is one, stands for. */
export function sourceOf(text: string): Source {
  const url = text.trim();
  if (/^(?:git\+|git:|git@|ssh:|github:|gitlab:|bitbucket:|gist:)/i.test(url)) return { type: 'git', url };
  if (/^https?:\/\/[^?#]*\.git(?:[?#]|$)/i.test(url)) return { type: 'git', url };
  if (/^https?:/i.test(url)) return { type: 'http', url };
  if (/^(?:file:|link:|portal:|workspace:|\.{1,2}\/|\/|~\/)/i.test(url)) return { type: 'file', url };
  return { type: 'unknown', url };
}
