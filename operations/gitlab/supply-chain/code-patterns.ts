import { type Finding, finding, type Severity, type SignalId } from './finding';
import { downloadedAndRun, pipedDecoding, pipedDownload, substitutedDownload } from './shell-text';

/** Lines are looked at up to this length, and a text up to this many characters: hostile text is long. */
const longestLine = 4_000;
const mostCharacters = 400_000;

interface Seen {
  signal: SignalId;
  what: string;
  severity?: Severity;
}

/** What one line shows. Each test is linear in the length of the line: no pattern has an open run in front of what it needs. */
const lineTests: readonly ((line: string) => Seen | undefined)[] = [
  (line) => {
    const how = pipedDownload(line);
    return how === undefined ? undefined : { signal: 'download_and_run', what: how };
  },
  (line) =>
    substitutedDownload(line) ? { signal: 'download_and_run', what: 'runs a download in a shell' } : undefined,
  (line) =>
    /\b(?:IEX|Invoke-Expression)\b/i.test(line) &&
    /\b(?:DownloadString|Invoke-WebRequest|Invoke-RestMethod|iwr|irm)\b/i.test(line)
      ? { signal: 'download_and_run', what: 'runs a download in PowerShell' }
      : undefined,
  (line) =>
    /\bnode\s{1,9}(?:-e|--eval)\b|\bpython[\d.]{0,6}\s{1,9}-c\b|\bperl\s{1,9}-e\b|\bruby\s{1,9}-e\b/.test(line) &&
    /\bhttps?\.(?:get|request)\b|\bfetch\(|\bchild_process\b|\burlopen\b|\burllib\b|\brequests\.get\b|\bsocket\b|\bexec\(/.test(
      line,
    )
      ? { signal: 'download_and_run', what: 'runs a line of code that downloads or starts programs' }
      : undefined,
  (line) => (pipedDecoding(line) ? { signal: 'obfuscated_code', what: 'decodes text and runs it' } : undefined),
  (line) =>
    /\beval\b/.test(line) &&
    /\batob\b|Buffer\.from\(|\bbase64\b|\bfromCharCode\b|\bxz\s{1,9}-d|\|\s{0,9}tr\s|\bxxd\b|\bunescape\(/.test(line)
      ? { signal: 'obfuscated_code', what: 'decodes text and runs it' }
      : undefined,
  (line) =>
    /\b(?:exec|eval|compile)\s{0,9}\(/.test(line) &&
    /\b__import__\s{0,9}\(|\bbase64\.|\bzlib\.|\bmarshal\.|\bcodecs\.|\bbytes\.fromhex\b/.test(line)
      ? { signal: 'obfuscated_code', what: 'decodes text and runs it' }
      : undefined,
  (line) =>
    /\b(?:powershell|pwsh)\b/i.test(line) && /\s-e(?:c|nc|ncodedcommand)?\s{1,9}["']?[A-Za-z0-9+/]{16}/i.test(line)
      ? { signal: 'obfuscated_code', what: 'runs an encoded command' }
      : undefined,
  (line) =>
    /(?:\\x[0-9a-f]{2}){6}|(?:\\u[0-9a-f]{4}){8}/i.test(line) ||
    (line.match(/\b_0x[0-9a-f]{2,6}\b/gi)?.length ?? 0) >= 3
      ? { signal: 'obfuscated_code', what: 'holds text or names written as numbers' }
      : undefined,
  (line) =>
    /(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{240}/.test(line) && !/\b(?:integrity|data:(?:image|font)\/)/.test(line)
      ? { signal: 'obfuscated_code', what: 'holds a long block of encoded text' }
      : undefined,
  secretsSent,
];

const sender = /\b(?:curl|wget|nc|ncat|scp|rsync|nslookup|dig|http|Invoke-RestMethod|Invoke-WebRequest|iwr|irm)\b/;
const wholeEnvironment =
  /\$\(\s{0,9}(?:env|printenv|set|export)\b|`(?:env|printenv|set)`|(?:^|[|;&\s])(?:env|printenv|set|export\s{1,9}-p)\s{0,9}\|/;
const credentialFile =
  /(?:~|\$\{?HOME\}?|\/root|\/home\/[\w.-]+)\/\.(?:aws|ssh|npmrc|netrc|docker|kube|gnupg|pypirc|git-credentials|config\/(?:gh|glab|gcloud))\b/;
const secretVariable =
  /\$(?:env:)?\{?(?:CI_JOB_TOKEN|CI_REGISTRY_PASSWORD|CI_DEPLOY_PASSWORD|[A-Z0-9_]{0,40}(?:TOKEN|SECRET|PASSWORD|PASSWD|PRIVATE_KEY|ACCESS_KEY|API_KEY|CREDENTIALS)[A-Z0-9_]{0,20})\b/;
/** How a caller proves who it is: what secrets are for. */
const authentication =
  /(?:-H|--header|-Headers)[\s=]{0,3}["']?@?\{?\s{0,3}["']?(?:Authorization|PRIVATE-TOKEN|JOB-TOKEN|DEPLOY-TOKEN|X-[A-Za-z-]*(?:Key|Token|Auth)[A-Za-z-]*|api-key)\b|\s(?:-u|--user)[\s=]/i;
/** GitLab's own API, at whose addresses a job's token belongs. */
const ownApi = /\$\{?CI_(?:API_V4_URL|SERVER_URL|API_GRAPHQL_URL|REGISTRY)\b/;

function secretsSent(line: string): Seen | undefined {
  if (!sender.test(line)) return undefined;
  if (wholeEnvironment.test(line)) return { signal: 'secrets_sent', what: 'sends the environment to an address' };
  if (credentialFile.test(line)) return { signal: 'secrets_sent', what: 'sends a file of credentials to an address' };
  if (!secretVariable.test(line) || ownApi.test(line)) return undefined;
  return authentication.test(line)
    ? { signal: 'secrets_sent', what: 'signs in to an address with a secret', severity: 'low' }
    : { signal: 'secrets_sent', what: 'sends a secret to an address' };
}

/** Programs that gather the whole environment and talk to a network, anywhere in one text. */
function programSendsEnvironment(lines: readonly string[]): string | undefined {
  const gathers = lines.find((line) =>
    /\b(?:JSON\.stringify|Object\.(?:entries|keys))\(\s{0,9}process\.env\s{0,9}\)|\bdict\(\s{0,9}os\.environ\s{0,9}\)|\bos\.environ\.(?:items|copy)\(\)|\bENV\.to_h\b/.test(
      line,
    ),
  );
  const sends = lines.some((line) =>
    /\bfetch\(|\bhttps?\.request\b|\baxios\b|\brequests\.post\b|\burlopen\b|\bNet::HTTP\b|\bsocket\b/.test(line),
  );
  return sends ? gathers : undefined;
}

/**
 * Signals in text that runs: each once, with the first line that shows it and that was not there before. `who` names the
 * text in the sentences.
 */
export function codeSignals(
  at: { file: string; key: string },
  who: string,
  before: string | null,
  after: string,
): Finding[] {
  const known = new Set(linesOf(before ?? ''));
  const lines = linesOf(after);
  const fresh = lines.filter((line) => !known.has(line));
  const found = new Map<string, Finding>();
  const add = ({ signal, what, severity }: Seen, line: string) => {
    const id = `${signal} ${what}`;
    if (!found.has(id)) found.set(id, finding(signal, at, null, line, `${who} ${what}.`, severity));
  };
  for (const line of fresh) {
    for (const test of lineTests) {
      const seen = test(line);
      if (seen !== undefined) add(seen, line);
    }
  }
  if (fresh.length > 0) {
    const run = downloadedAndRun(lines);
    if (run !== undefined) add({ signal: 'download_and_run', what: 'downloads a file and runs it unchecked' }, run);
    const sent = programSendsEnvironment(fresh);
    if (sent !== undefined) add({ signal: 'secrets_sent', what: 'sends the environment to an address' }, sent);
  }
  return [...found.values()];
}

/** Whether a text is too long to be looked through whole. */
export function isTooLong(text: string): boolean {
  return text.length > mostCharacters;
}

/** Lines that end in a backslash are joined; comments and empty lines say nothing. */
function linesOf(text: string): string[] {
  return text
    .slice(0, mostCharacters)
    .replace(/\\\r?\n/g, ' ')
    .split('\n')
    .map((line) => line.slice(0, longestLine).trim())
    .filter((line) => line !== '' && !/^(?:#(?!!)|\/\/|dnl\b)/.test(line));
}
