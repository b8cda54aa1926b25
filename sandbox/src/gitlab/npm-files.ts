import { createHash } from 'node:crypto';
import { editJson } from './edits';
import type { Edit } from './world';

export const REGISTRY = 'https://npm.simulated.example';

const SERVICE_PACKAGES =
  'express@5.1.0 helmet@8.1.0 pg@8.16.3 pino@9.7.0 zod@3.25.67 undici@7.11.0 jose@6.0.11 bullmq@5.56.0 dotenv@17.0.1 fastest-levenshtein@1.0.16 cross-env@7.0.3 typescript@5.8.3 vitest@3.2.4 eslint@9.30.1 prettier@3.6.2 tsx@4.20.3 supertest@7.1.1 nock@14.0.5';
const WEB_PACKAGES =
  'react@19.1.0 react-dom@19.1.0 react-router@7.6.3 vite@7.0.0 vitest@3.2.4 typescript@5.8.3 zod@3.25.67 axios@1.10.0 clsx@2.1.1 lodash-es@4.17.21 date-fns@4.1.0 zustand@5.0.6 msw@2.10.2 jsdom@26.1.0 eslint@9.30.1 prettier@3.6.2';
const TRANSITIVE =
  'accepts@2.0.0 ajv@8.17.1 ansi-styles@6.2.1 balanced-match@4.0.1 body-parser@2.2.0 brace-expansion@4.0.1 bytes@3.1.2 cac@6.7.14 call-bound@1.0.4 chai@5.2.0 cookie@1.0.2 cross-spawn@7.0.6 debug@4.4.1 depd@2.0.0 destr@2.0.5 encodeurl@2.0.0 es-errors@1.3.0 esbuild@0.25.5 escape-html@1.0.3 estree-walker@3.0.3 etag@1.8.1 fast-deep-equal@3.1.3 fast-uri@3.0.6 finalhandler@2.1.0 follow-redirects@1.15.9 form-data@4.0.3 fresh@2.0.0 function-bind@1.1.2 get-intrinsic@1.3.0 gopd@1.2.0 has-symbols@1.1.0 hasown@2.0.2 http-errors@2.0.0 iconv-lite@0.6.3 inherits@2.0.4 ipaddr.js@2.2.0 is-promise@4.0.0 isexe@3.1.1 json-schema-traverse@1.0.0 loupe@3.1.4 magic-string@0.30.17 math-intrinsics@1.1.0 mime-db@1.54.0 mime-types@3.0.1 minimatch@10.0.3 ms@2.1.3 nanoid@5.1.5 negotiator@1.0.0 object-inspect@1.13.4 on-finished@2.4.1 once@1.4.0 parseurl@1.3.3 path-to-regexp@8.2.0 pathe@2.0.3 picocolors@1.1.1 picomatch@4.0.2 postcss@8.5.6 proxy-addr@2.0.7 qs@6.14.0 rollup@4.44.1 safer-buffer@2.1.2 scheduler@0.26.0 semver@7.7.2 setprototypeof@1.2.0 statuses@2.0.2 tinybench@3.1.1 tinyglobby@0.2.14 type-is@2.0.1 vary@1.1.2';

export interface LockEntry {
  version: string;
  resolved: string;
  integrity: string;
  hasInstallScript?: true;
  dev?: true;
}

/** An entry as npm writes it; the checksum is made up from name and version. */
export function lockEntry(name: string, version: string, registry = REGISTRY): LockEntry {
  const base = name.split('/').pop();
  return {
    version,
    resolved: `${registry}/${name}/-/${base}-${version}.tgz`,
    integrity: `sha512-${createHash('sha512').update(`simulated ${name}@${version}`).digest('base64')}`,
  };
}

function parse(list: string): [string, string][] {
  return list.split(' ').map((entry) => {
    const at = entry.lastIndexOf('@');
    return [entry.slice(0, at), entry.slice(at + 1)];
  });
}

/** `package.json` and `package-lock.json` (lockfile version 3) of a simulated Node.js project. */
export function npmFiles(name: string, kind: 'service' | 'web'): [path: string, content: string][] {
  const direct = parse(kind === 'service' ? SERVICE_PACKAGES : WEB_PACKAGES);
  const dependencies = Object.fromEntries(direct.map(([pkg, version]) => [pkg, `^${version}`]));
  const root = { name, version: '1.0.0', dependencies };
  const all = [...direct, ...parse(TRANSITIVE)].sort(([a], [b]) => (a < b ? -1 : 1));
  const packages: Record<string, unknown> = { '': root };
  for (const [pkg, version] of all) packages[`node_modules/${pkg}`] = lockEntry(pkg, version);
  const manifest = {
    name,
    version: '1.0.0',
    private: true,
    scripts: { build: 'tsc -p .', test: 'vitest run', lint: 'eslint .' },
    dependencies,
  };
  return [
    ['package.json', `${JSON.stringify(manifest, null, 2)}\n`],
    [
      'package-lock.json',
      `${JSON.stringify({ name, version: '1.0.0', lockfileVersion: 3, requires: true, packages }, null, 2)}\n`,
    ],
  ];
}

type Packages = Record<string, LockEntry & { dependencies?: Record<string, string> }>;

/** Raises (or adds) one direct dependency in both files, as `npm install name@version` would. */
export function setDependency(name: string, version: string, extra: Partial<LockEntry> = {}): Edit[] {
  return [
    editJson('package.json', (value) => {
      const dependencies = { ...(value.dependencies as Record<string, string>), [name]: `^${version}` };
      value.dependencies = sorted(dependencies);
    }),
    editJson('package-lock.json', (value) => {
      const packages = value.packages as Packages;
      const root = packages[''];
      if (root) root.dependencies = sorted({ ...root.dependencies, [name]: `^${version}` });
      packages[`node_modules/${name}`] = { ...lockEntry(name, version), ...extra };
      value.packages = sorted(packages);
    }),
  ];
}

/** Raises every locked package by one patch release, as a weekly lock file refresh does. */
export function refreshLock(): Edit {
  return editJson('package-lock.json', (value) => {
    const packages = value.packages as Packages;
    for (const [key, entry] of Object.entries(packages)) {
      if (key === '') continue;
      const [major = '1', minor = '0', patch = '0'] = entry.version.split('.');
      packages[key] = lockEntry(key.slice('node_modules/'.length), `${major}.${minor}.${Number(patch) + 1}`);
    }
  });
}

function sorted<T>(value: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
