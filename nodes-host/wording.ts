import { camelCase } from '../operations/operation';

/** Words that n8n's interface writes in its own way; the rest is capitalised. */
const spellings: Record<string, string> = {
  api: 'API',
  arn: 'ARN',
  arns: 'ARNs',
  autodetecttype: 'Detect Automatically',
  aws: 'AWS',
  cve: 'CVE',
  gitlab: 'GitLab',
  html: 'HTML',
  iam: 'IAM',
  id: 'ID',
  ids: 'IDs',
  iid: 'IID',
  ip: 'IP',
  ips: 'IPs',
  json: 'JSON',
  mac: 'MAC',
  mcp: 'MCP',
  md5: 'MD5',
  mfa: 'MFA',
  mitre: 'MITRE',
  pdf: 'PDF',
  ref: 'Ref',
  sha: 'SHA',
  sha1: 'SHA1',
  sha256: 'SHA256',
  soc: 'SOC',
  sox: 'SOX',
  sql: 'SQL',
  ts: 'Timestamp',
  uri: 'URI',
  url: 'URL',
  urls: 'URLs',
  utc: 'UTC',
  xlarge: 'Extra Large',
  xsmall: 'Extra Small',
};

/** Small words that n8n's Title Case leaves small inside a title. */
const small = new Set([
  'a',
  'an',
  'and',
  'as',
  'at',
  'by',
  'for',
  'from',
  'in',
  'of',
  'on',
  'or',
  'per',
  'the',
  'to',
  'with',
]);

/**
 * `lookback_hours` or `AWS_ARN` to `Lookback Hours` or `AWS ARN`: n8n shows parameters and options in Title Case. What
 * Panther puts before the columns it fills itself, `p_any_`, is no word.
 */
export function titleCase(name: string): string {
  return name
    .replace(/^p_any_/, '')
    .split(/[_\s-]+/)
    .filter((word) => word !== '')
    .map((word, index) => {
      const lower = word.toLowerCase();
      if (spellings[lower] !== undefined) return spellings[lower];
      if (index > 0 && small.has(lower)) return lower;
      return lower.charAt(0).toUpperCase() + lower.slice(1);
    })
    .join(' ');
}

/** `Merge Request` to `mergeRequest`: the value of a resource, which workflows store. */
export function resourceValue(resource: string): string {
  return camelCase(
    resource
      .trim()
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_'),
  );
}

/** n8n ends a description of one sentence without a full stop. */
export function withoutFinalStop(text: string): string {
  const trimmed = text.trim();
  return /[.!?]\s/.test(trimmed) ? trimmed : trimmed.replace(/\.$/, '');
}

/** n8n begins the description of every switch with `Whether`. */
export function switchDescription(text: string): string {
  const trimmed = withoutFinalStop(text);
  if (/^whether\b/i.test(trimmed)) return trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return `Whether to ${trimmed.charAt(0).toLowerCase()}${trimmed.slice(1)}`;
}

/** n8n shows the description of an operation under its name in a list: one sentence; the pages of the docs have all. */
export function firstSentence(text: string): string {
  // A sentence may begin with the name of an operation.
  const end = /[.!?](?=\s+(?:[A-Z]|[a-z0-9]+_[a-z0-9_]+))/.exec(text.trim());
  return withoutFinalStop(end === null ? text : text.trim().slice(0, end.index + 1));
}

/** Calls fields by the names that n8n shows: `wait_seconds` becomes Wait Seconds. Single words only when quoted as code. */
export function inShownNames(text: string, fields: readonly { name: string; displayName: string }[]): string {
  let result = text;
  for (const { name, displayName } of fields) {
    const pattern = name.includes('_') ? `\`?\\b${name}\\b\`?` : `\`${name}\``;
    result = result.replace(new RegExp(pattern, 'g'), displayName);
  }
  return result;
}
