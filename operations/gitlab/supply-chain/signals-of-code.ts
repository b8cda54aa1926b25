import type { DependencyChange, SettingChange } from './compare-files';
import { type Finding, finding, type SignalId } from './finding';

/** Patterns are tried on lines of at most this length: longer ones are cut, because hostile text is long. */
const longestLine = 4_000;
const mostLines = 5_000;

interface CodePattern {
  signal: SignalId;
  pattern: RegExp;
  what: string;
}

/** Each is linear on a line of bounded length. */
const codePatterns: readonly CodePattern[] = [
  {
    signal: 'download_and_run',
    pattern:
      /\b(?:curl|wget|fetch|iwr|Invoke-WebRequest)\b[^|;&\n]{0,400}\|\s*(?:sudo\s+(?:-\S+\s+)*)?(?:env\s+\S+\s+)?(?:ba|z|da|k)?sh\b/,
    what: 'pipes a download into a shell',
  },
  {
    signal: 'download_and_run',
    pattern: /\b(?:curl|wget)\b[^|;&\n]{0,400}\|\s*(?:sudo\s+)?(?:python[\d.]*|node|perl|ruby|php|pwsh|bash)\b/,
    what: 'pipes a download into an interpreter',
  },
  {
    signal: 'download_and_run',
    pattern: /\b(?:ba|z)?sh\b\s+(?:-c\s+)?["']?(?:<\(|\$\(|`)\s*(?:curl|wget)\b/,
    what: 'runs a download in a shell',
  },
  {
    signal: 'download_and_run',
    pattern:
      /\b(?:curl|wget)\b[^\n]{0,400}(?:&&|;)\s*(?:sudo\s+)?(?:chmod\s+(?:\+x|[0-7]{3,4})\b[^\n]{0,200}(?:&&|;)\s*(?:sudo\s+)?)?\.?\/\S+/,
    what: 'downloads a file and runs it',
  },
  {
    signal: 'download_and_run',
    pattern: /\bnode\s+-e\b[^\n]{0,400}\b(?:https?\.get|fetch\(|child_process)/,
    what: 'runs a line of code that downloads or starts programs',
  },
  {
    signal: 'download_and_run',
    pattern: /\b(?:IEX|Invoke-Expression)\b[^\n]{0,300}\b(?:DownloadString|Invoke-WebRequest|iwr)\b/i,
    what: 'runs a download in PowerShell',
  },
  {
    signal: 'obfuscated_code',
    pattern:
      /\bbase64\s+(?:-d|-D|--decode)\b[^\n]{0,200}\|\s*(?:ba|z)?sh\b|\beval\s*\(?\s*["'`$(]*\s*(?:atob|Buffer\.from|base64|\$\(\s*echo)/,
    what: 'decodes text and runs it',
  },
  {
    signal: 'obfuscated_code',
    pattern: /\b(?:exec|eval|compile)\s*\(\s*(?:__import__|base64\.|zlib\.|marshal\.|codecs\.)/,
    what: 'decodes text and runs it',
  },
  {
    signal: 'obfuscated_code',
    pattern: /(?:\\x[0-9a-f]{2}){12,}|(?:\\u[0-9a-f]{4}){12,}|_0x[0-9a-f]{4,6}\b[^\n]{0,200}_0x[0-9a-f]{4,6}\b/i,
    what: 'holds text written as numbers',
  },
  {
    signal: 'obfuscated_code',
    pattern: /(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{240,}={0,2}(?![A-Za-z0-9+/=])/,
    what: 'holds a long block of encoded text',
  },
  {
    signal: 'secrets_sent',
    pattern:
      /\b(?:curl|wget|nc|ncat|Invoke-RestMethod)\b[^\n]{0,400}(?:\$\{?(?:CI_JOB_TOKEN|CI_REGISTRY_PASSWORD|[A-Z_]{0,40}(?:TOKEN|SECRET|PASSWORD|PRIVATE_KEY|AWS_ACCESS_KEY_ID)[A-Z_]{0,20})\b|\$\(\s*(?:env|printenv|set)\b|\bprocess\.env\b|~\/\.(?:aws|ssh|npmrc|netrc|docker))/,
    what: 'sends variables or credentials to an address',
  },
  {
    signal: 'secrets_sent',
    pattern: /\b(?:env|printenv|set)\b\s*\|[^\n]{0,200}\b(?:curl|nc|ncat|wget|base64)\b/,
    what: 'sends the environment to an address',
  },
];

/** Signals in text that runs: each pattern once, with the first line that shows it and that was not there before. */
export function codeSignals(file: string, key: string, before: string | null, after: string): Finding[] {
  const known = new Set(linesOf(before ?? ''));
  const fresh = linesOf(after).filter((line) => !known.has(line));
  const findings: Finding[] = [];
  for (const { signal, pattern, what } of codePatterns) {
    const line = fresh.find((candidate) => pattern.test(candidate));
    if (line === undefined || findings.some((other) => other.after === line && other.signal === signal)) continue;
    findings.push(finding(signal, { file, key }, null, line, `${key} ${what}.`));
  }
  return findings;
}

/** Calls of the project's own job API with the job's token are what the token is for. */
function linesOf(text: string): string[] {
  return text
    .split('\n')
    .slice(0, mostLines)
    .map((line) => line.slice(0, longestLine).trim())
    .filter((line) => line !== '' && !(/\$\{?CI_API_V4_URL\b|\$\{?CI_SERVER_URL\b/.test(line) && !/\|/.test(line)));
}

/** Hooks of `npm install` that begin before anything else does. */
const early = /^(?:preinstall|install|postinstall)$/;

/** Scripts, hooks and other settings that run. */
export function executionSignals(change: SettingChange): Finding[] {
  const { path: file, kind, key, before, after } = change;
  if (after === null) return [];
  const at = { file, key };
  const inside = codeSignals(file, key, before, after);
  if (kind === 'install_script') {
    const isEarly = early.test(key) || /^setup\.py/.test(key) || /^(?:pre|post)-(?:install|update)/.test(key);
    // `prepare` and the like run for those who work on the project, not for those who install it.
    const severity = before === null && isEarly ? 'high' : before === null ? 'medium' : 'low';
    const verb = before === null ? 'was added' : 'was changed';
    return [
      finding('install_script_added', at, before, after, `${key} ${verb}: it runs on installing.`, severity),
      ...inside,
    ];
  }
  if (kind === 'build_hook') {
    const switched =
      /^ignore-scripts/.test(key) && after === 'false'
        ? [finding('guard_weakened', at, before, after, 'Install scripts are switched on.')]
        : [];
    const tls =
      /^strict-ssl/.test(key) && after === 'false'
        ? [finding('guard_weakened', at, before, after, 'Certificates of registries are no longer checked.')]
        : [];
    return [
      finding(
        'build_hook_changed',
        at,
        before === null ? null : excerpt(before),
        excerpt(after),
        `${key} ${before === null ? 'is new' : 'was changed'}: it runs in the build.`,
      ),
      ...switched,
      ...tls,
      ...inside,
    ];
  }
  return kind === 'ci_script' ? inside : [];
}

function excerpt(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

/** A package that now runs code when it is installed and did not before. */
export function installScriptSignals(change: DependencyChange): Finding[] {
  const { before, after, path: file } = change;
  if (after?.hasInstallScript !== true || before?.hasInstallScript === true) return [];
  const at = { file, key: after.key, name: after.name };
  const statement =
    before === null
      ? `${after.name} ${after.version ?? ''} is new and runs code when it is installed.`
      : `${after.name} ${after.version ?? ''} runs code when it is installed; ${before.version ?? 'the version before'} did not.`;
  // Packages with native parts have always had one; that an old one gets one is what attacks look like.
  return [
    finding(
      'install_script_added',
      at,
      before === null ? null : 'no install script',
      'install script',
      statement,
      before === null ? 'medium' : 'high',
    ),
  ];
}
