/** What a line of a shell script does with what it downloads. Every function is linear in the length of the line. */

const downloader = /\b(?:curl|wget|aria2c|iwr|irm|Invoke-WebRequest|Invoke-RestMethod)\b/;
/** In front of the program that really runs. */
const prefix = String.raw`^\s{0,40}(?:(?:sudo|env|exec|nohup|command|time|xargs)\b(?:\s{1,40}(?:-\S{1,80}|\w{1,80}=\S{0,200})){0,8}\s{1,40}){0,4}`;
const inFront = new RegExp(prefix);
const path = String.raw`(?:\S{0,200}/)?`;
/** Code given in an option is what runs; what comes through the pipe is then data. */
const inline = (options: string) => String.raw`(?!\s{1,40}(?:-\S{1,80}\s{1,40}){0,3}-\w{0,10}[${options}]\b)`;
const shell = new RegExp(`${prefix}${path}(?:(?:ba|z|da|k|a)?sh|\\$\\{?SHELL\\}?)\\b${inline('c')}`);
const interpreter = new RegExp(
  `${prefix}${path}(?:python[\\d.]{0,6}|node|deno|bun|perl|ruby|php|pwsh|powershell|iex)\\b${inline('ceprnm')}`,
  'i',
);
const operator = /(\|\|?|&&|;)/;

interface Step {
  text: string;
  /** What stands in front of it; empty for the first. */
  after: string;
}

/** A line cut into its commands. Quotes are not looked at: what runs inside of them runs as well. */
function stepsOf(line: string): Step[] {
  const parts = line.split(operator);
  const steps: Step[] = [];
  for (let index = 0; index < parts.length; index += 2) {
    steps.push({ text: parts[index] ?? '', after: index === 0 ? '' : (parts[index - 1] ?? '') });
  }
  return steps;
}

/** `curl ... | sh`, `... | sudo bash`, `... | python`: how the download is run; undefined when it is not. */
export function pipedDownload(line: string): string | undefined {
  if (!line.includes('|') || !downloader.test(line)) return undefined;
  let inPipe = false;
  for (const { text, after } of stepsOf(line)) {
    if (after !== '|') inPipe = false;
    if (inPipe && shell.test(text)) return 'pipes a download into a shell';
    if (inPipe && interpreter.test(text)) return 'pipes a download into an interpreter';
    inPipe ||= downloader.test(text);
  }
  return undefined;
}

/** `base64 -d | sh`, `xz -dc file | bash`: text that is decoded and run. */
export function pipedDecoding(line: string): boolean {
  if (!line.includes('|')) return false;
  let inPipe = false;
  for (const { text, after } of stepsOf(line)) {
    if (after !== '|') inPipe = false;
    if (inPipe && (shell.test(text) || interpreter.test(text))) return true;
    inPipe ||=
      /\b(?:base64|base32|xxd|openssl\s{1,40}enc|uudecode|rev|tr)\b/.test(text) &&
      /\s-(?:d|D|r|-decode)\b|\brev\b|\btr\s/.test(text);
    inPipe ||= /\b(?:xz|gzip|bzip2|zstd)\s{1,40}-\w{0,10}d|\b(?:xzcat|zcat|gunzip|unxz)\b/.test(text);
  }
  return false;
}

/** Looks at what is downloaded before it is used. */
const check =
  /\b(?:sha(?:1|256|384|512)sum|shasum|b2sum|md5sum|gpg\s{1,40}(?:--\S{1,80}\s{1,40}){0,6}--verify|cosign\s{1,40}verify|minisign|openssl\s{1,40}dgst|slsa-verifier|rekor)\b/;

/**
 * Files that a script downloads and then runs, without a check of a checksum or signature in between. `lines` are of one
 * script, in order; the line that runs the file comes back.
 */
export function downloadedAndRun(lines: readonly string[]): string | undefined {
  let fresh = new Set<string>();
  for (const line of lines) {
    for (const { text } of stepsOf(line)) {
      if (check.test(text)) fresh = new Set();
      if (fresh.size > 0 && runsOneOf(text, fresh)) return line;
      if (downloader.test(text)) for (const file of outputsOf(text)) if (fresh.size < 50) fresh.add(file);
    }
  }
  return undefined;
}

/** Where a command puts what it downloads. */
function outputsOf(command: string): string[] {
  const files: string[] = [];
  const words = command.trim().split(/\s+/).slice(0, 200);
  for (const [index, word] of words.entries()) {
    const next = words[index + 1];
    const isOutput =
      /^-\w*[oO]$/.test(word) ||
      word === '--output' ||
      word === '--output-document' ||
      /^1?>>?$/.test(word) ||
      /^-OutFile$/i.test(word);
    if (isOutput && next !== undefined && !/^https?:/.test(next)) files.push(plainName(next));
    const joined = /^(?:--output=|--output-document=|1?>>?)(.+)$/.exec(word)?.[1];
    if (joined !== undefined) files.push(plainName(joined));
    // `wget address` and `curl -O address` keep the last part of the address.
    const last = /^["']?https?:\/\/[^?#"']*\/([^/?#"']+)/.exec(word)?.[1];
    if (last !== undefined && (/\bwget\b/.test(command) || /\s-\w*O\b|--remote-name/.test(command))) files.push(last);
  }
  return files.filter((file) => file !== '' && file !== '-' && file !== '/dev/null');
}

function runsOneOf(command: string, files: ReadonlySet<string>): boolean {
  const words = command.trim().replace(inFront, '').split(/\s+/).slice(0, 50).map(plainName);
  const [program = '', ...rest] = words;
  if (files.has(program)) return true;
  if (program !== '.' && program !== 'source' && !shell.test(program) && !interpreter.test(program)) return false;
  return rest.some((word) => files.has(word));
}

/** Without quotes and brackets around it, and without `./`. */
function plainName(word: string): string {
  const around = '"\'`()';
  let from = 0;
  let to = word.length;
  while (from < to && around.includes(word[from] ?? ' ')) from += 1;
  while (to > from && around.includes(word[to - 1] ?? ' ')) to -= 1;
  return word.startsWith('./', from) ? word.slice(from + 2, to) : word.slice(from, to);
}

/** `bash <(curl ...)`, `sh -c "$(wget ...)"`, `eval "$(curl ...)"`, `source <(curl ...)`. */
const substituted =
  /(?:\b(?:(?:ba|z|da|k)?sh|eval|source|python[\d.]*|node|perl|ruby|php)\b|(?:^|[\s;&|])\.)\s{1,40}(?:-\S{1,80}\s{1,40}){0,3}["']?(?:<\(|\$\(|`)\s{0,40}(?:curl|wget)\b/;

export function substitutedDownload(line: string): boolean {
  return substituted.test(line);
}
