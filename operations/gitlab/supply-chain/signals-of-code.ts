import { codeSignals, isTooLong } from './code-patterns';
import type { DependencyChange, SettingChange } from './compare-files';
import { type Finding, finding, type Severity } from './finding';

/** Hooks of installing that run before anything else does, on every machine that installs. */
const early = /^(?:preinstall|install|postinstall|binding\.gyp)$|^setup\.py|^(?:pre|post)-(?:install|update)/;

/**
 * Tools that projects run after installing, and that work on the project alone. A script made of nothing else says little; anybody
 * who wants more has to write something that is not here.
 */
const usualTool =
  /^(?:npx\s+(?:--no-install\s+|--yes\s+)?|pnpm\s+(?:exec\s+)?|yarn\s+)?(?:patch-package|husky(?:\s+install(?:\s+[\w./-]+)?)?|is-ci|simple-git-hooks|lefthook\s+install|only-allow\s+\w+|prisma\s+generate|ngcc|electron-builder\s+install-app-deps|node-gyp\s+rebuild|node-gyp-build|prebuild-install|playwright\s+install(?:\s+\w+)?|nuxt\s+prepare|svelte-kit\s+sync|astro\s+sync|wxt\s+prepare|tsc(?:\s+-[bp](?:\s+[\w./-]+)?)?|true|exit\s+0)$/;

function isUsual(script: string): boolean {
  return script.split(/&&|\|\||;/).every((command) => usualTool.test(command.trim()));
}

/** Scripts, hooks and other settings that run. */
export function executionSignals(change: SettingChange): Finding[] {
  const { path: file, kind, key, before, after } = change;
  if (after === null) return [];
  const at = { file, key };
  const inside = codeSignals(at, key, before, after);
  if (kind === 'install_script') {
    const verb = before === null ? 'was added' : 'was changed';
    return [
      finding(
        'install_script_added',
        at,
        before,
        after,
        `${key} ${verb}: it runs on installing.`,
        severityOf(key, before, after),
      ),
      ...inside,
    ];
  }
  if (kind === 'build_hook') {
    const statement = `${key} ${before === null ? 'is new' : 'was changed'}: it runs in the build.`;
    return [
      finding('build_hook_changed', at, before === null ? null : excerpt(before), excerpt(after), statement),
      ...switchSignals(change),
      ...inside,
      ...(isTooLong(after)
        ? [finding('not_readable', at, null, null, `${key} is too long to be looked through whole.`, 'medium')]
        : []),
    ];
  }
  return kind === 'ci_script' ? inside : [];
}

/** `prepare` and the like run for those who work on the project, not for those who install it. */
function severityOf(key: string, before: string | null, after: string): Severity {
  if (isUsual(after)) return before === null ? 'medium' : 'low';
  if (before === null) return early.test(key) ? 'high' : 'medium';
  return early.test(key) && isUsual(before) ? 'high' : 'low';
}

/** Switches of package managers that take a guard away. Keys may have the line behind them. */
const switches: readonly { key: RegExp; value: RegExp; what: string }[] = [
  { key: /^ignore-scripts\b/, value: /^false$/i, what: 'Install scripts are switched on.' },
  { key: /^enableScripts\b/, value: /^true$/i, what: 'Install scripts are switched on.' },
  {
    key: /^(?:strict-ssl|enableStrictSsl)\b/,
    value: /^false$/i,
    what: 'Certificates of registries are no longer checked.',
  },
  {
    key: /^checksumBehavior\b/,
    value: /^(?:ignore|update|reset)$/i,
    what: 'Checksums no longer stop an installation.',
  },
  { key: /^unsafeHttpWhitelist\b/, value: /./, what: 'Packages may be fetched without encryption.' },
];

function switchSignals({ path: file, key, before, after }: SettingChange): Finding[] {
  const found = switches.find((entry) => entry.key.test(key) && entry.value.test(after ?? ''));
  return found === undefined ? [] : [finding('guard_weakened', { file, key }, before, after, found.what)];
}

function excerpt(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

/** A package that now runs code when it is installed and did not before. */
export function installScriptSignals(change: DependencyChange): Finding[] {
  const { before, after, path: file } = change;
  if (after?.hasInstallScript !== true || before?.hasInstallScript === true) return [];
  const at = { file, key: after.key, name: after.name };
  // Packages with native parts have always had one; that an old one gets one is what attacks look like.
  if (before === null) {
    const statement = `${after.name} ${after.version ?? ''} is new and runs code when it is installed.`;
    return [finding('install_script_added', at, null, 'install script', statement, 'medium')];
  }
  const statement = `${after.name} ${after.version ?? ''} runs code when it is installed; ${before.version ?? 'the version before'} did not.`;
  return [finding('install_script_added', at, 'no install script', 'install script', statement, 'high')];
}

/** Most changed files that a script is searched for. */
const mostNames = 500;

/**
 * What is in the changed files that an added or changed script runs: `postinstall: node bundle.js` together with a new
 * bundle.js. `texts` are the added lines of every changed file.
 */
export function startedFileSignals(settings: readonly SettingChange[], texts: ReadonlyMap<string, string>): Finding[] {
  const running = settings.filter(
    ({ kind, after }) => after !== null && (kind === 'install_script' || kind === 'build_hook' || kind === 'ci_script'),
  );
  const findings: Finding[] = [];
  for (const [path, text] of [...texts].slice(0, mostNames)) {
    const name = path.split('/').at(-1) ?? path;
    if (name.length < 4 || text === '') continue;
    const starter = running.find(({ path: from, after }) => from !== path && (after ?? '').includes(name));
    if (starter === undefined) continue;
    findings.push(...codeSignals({ file: path, key: starter.key }, `${path}, which ${starter.key} runs,`, null, text));
  }
  return findings;
}
