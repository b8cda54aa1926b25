import { InvalidInputError } from '../errors';
import { cleanLine } from '../text';
import { urlSegment } from '../url-segment';

export type WebObject = 'job' | 'pipeline' | 'merge_request';

export interface WebAddress {
  kind: WebObject;
  /** Path with namespace, e.g. `group/sub/project`. */
  project: string;
  /** Global id of a job or pipeline; for a merge request the number within its project (iid). */
  id: number;
}

const kindBySegment: ReadonlyMap<string, WebObject> = new Map([
  ['jobs', 'job'],
  ['builds', 'job'],
  ['pipelines', 'pipeline'],
  ['merge_requests', 'merge_request'],
]);

/**
 * Reads the browser address of a job, pipeline or merge request: any namespace depth, any sub-path of the instance,
 * trailing parts (`/raw`, `/diffs`, `#L12`, query), and the forms without `/-/` of older instances.
 * `baseUrl` is the connection's; an address on another origin or outside its path is refused, because following it
 * would carry the credential there. Throws InvalidInputError that names `field`.
 */
export function parseWebAddress(baseUrl: string, address: string, kind: WebObject, field = 'url'): WebAddress {
  const example = `${baseUrl}/group/project/-/${segmentOf(kind)}/1`;
  const segments = segmentsWithin(baseUrl, address, field, example);
  return readSegments(segments, kind, (problem) => new InvalidInputError(field, problem));
}

/** The same for the address of any of them. */
export function parseAnyAddress(baseUrl: string, address: string, field = 'url'): WebAddress {
  const segments = segmentsWithin(baseUrl, address, field, `${baseUrl}/group/project/-/jobs/1`);
  return readSegments(segments, undefined, (problem) => new InvalidInputError(field, problem));
}

/** The segments of an address behind the path where this GitLab lives, as they stand there. */
function segmentsWithin(baseUrl: string, address: string, field: string, example: string): string[] {
  const base = new URL(baseUrl);
  const refuse = (problem: string) => new InvalidInputError(field, problem);
  const trimmed = address.trim();
  // The URL class resolves `..` silently and drops tabs and line breaks, so these are looked for in the text as given.
  if (hasHiddenOrControl(trimmed)) throw refuse('holds control characters or white space');
  let url: URL;
  try {
    url = new URL(trimmed);
  } catch {
    throw refuse(`not an address; give the one from the browser, e.g. ${example}`);
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse('only http and https addresses are read');
  if (url.username !== '' || url.password !== '') throw refuse('an address with a user name or password is not read');
  if (url.origin !== base.origin) {
    throw refuse(
      `is on ${cleanLine(url.host, 100)}, but this connection is for ${base.host}; use an address from there`,
    );
  }
  const rawPath = trimmed.slice(trimmed.indexOf('://') + 3).replace(/[?#].*$/, '');
  if (/(^|\/)(\.|%2e){1,2}(\/|$)/i.test(rawPath) || rawPath.includes('\\')) throw refuse('holds a "." or ".." segment');

  const prefix = base.pathname.replace(/\/+$/, '');
  if (prefix !== '' && url.pathname !== prefix && !url.pathname.startsWith(`${prefix}/`)) {
    throw refuse(`is outside ${base.host}${prefix}, where this GitLab lives`);
  }
  return url.pathname.slice(prefix.length).split('/').slice(1);
}

function readSegments(
  segments: string[],
  kind: WebObject | undefined,
  refuse: (problem: string) => InvalidInputError,
): WebAddress {
  const dash = segments.indexOf('-');
  // Without `/-/` a group may itself be called "jobs"; the last pair of name and number is then the object.
  const at = dash >= 0 ? dash : findLegacy(segments);
  const names = segments.slice(0, at);
  const [segment, id] = dash >= 0 ? segments.slice(dash + 1) : segments.slice(at);
  const found = segment === undefined || at < 0 ? undefined : kindBySegment.get(segment);
  if (found === undefined) throw refuse('is not the address of a job, pipeline or merge request');
  if (kind !== undefined && found !== kind)
    throw refuse(`is the address of a ${words(found)}; this needs a ${words(kind)}`);
  if (id === undefined || !/^[1-9]\d{0,14}$/.test(id)) throw refuse(`has no number behind "${segment}"`);
  return { kind: found, project: checkPath(names.map(decode), refuse), id: Number(id) };
}

function findLegacy(segments: string[]): number {
  for (let at = segments.length - 2; at >= 2; at -= 1) {
    const name = segments[at];
    if (name !== undefined && kindBySegment.has(name) && /^\d+$/.test(segments[at + 1] ?? '')) return at;
  }
  return -1;
}

/**
 * A project or group as the API takes it: the numeric id or the path with namespace. Slashes around it are dropped.
 * Throws InvalidInputError that names `field`.
 */
export function checkNamespace(value: string, field: 'project' | 'group'): string {
  const path = value.trim().replace(/^\/+|\/+$/g, '');
  const refuse = (problem: string) => new InvalidInputError(field, problem);
  if (/^\d{1,15}$/.test(path)) return path;
  const segments = path.split('/');
  if (field === 'project' && segments.length < 2) {
    throw refuse(`"${cleanLine(path, 100)}" is not a path with namespace (group/project) or a numeric id`);
  }
  return segmentsOfNamespace(segments, refuse);
}

/**
 * A project or group as people give it: what `checkNamespace` takes, or the address of its page or of one below it
 * (`/-/settings/..`). Only the part before `/-/` tells where a path ends, so older forms such as `/tree/main` are read as
 * part of it. Throws InvalidInputError that names `field`.
 */
export function readNamespace(baseUrl: string, value: string, field: 'project' | 'group'): string {
  if (!/^https?:/i.test(value.trim())) return checkNamespace(value, field);
  const refuse = (problem: string) => new InvalidInputError(field, problem);
  const all = segmentsWithin(baseUrl, value, field, `${baseUrl}/${field === 'project' ? 'group/project' : 'group'}`);
  const dash = all.indexOf('-');
  const segments = (dash < 0 ? all : all.slice(0, dash)).filter((segment) => segment !== '').map(decode);
  const isGroupPage = segments[0] === 'groups';
  if (field === 'project' && isGroupPage) throw refuse('is the address of a group; this needs a project');
  if (field === 'group' && isGroupPage) segments.shift();
  const last = segments.length - 1;
  if (field === 'project' && segments[last] !== undefined) segments[last] = segments[last].replace(/\.git$/, '');
  if (field === 'project' && segments.length < 2) throw refuse('is not the address of a project');
  if (segments.length === 0) throw refuse('is not the address of a group');
  return segmentsOfNamespace(segments, refuse);
}

function checkPath(segments: string[], refuse: (problem: string) => InvalidInputError): string {
  if (segments.length < 2) throw refuse('has no project in front of the object');
  return segmentsOfNamespace(segments, refuse);
}

/** GitLab allows letters, digits, `_`, `-`, `.` in paths, and starts them with a letter, digit, `_` or `.`. */
function segmentsOfNamespace(segments: string[], refuse: (problem: string) => InvalidInputError): string {
  for (const segment of segments) {
    if (!/^[\p{L}\p{N}_.-]+$/u.test(segment) || /^\.{1,2}$/.test(segment) || segment === '-') {
      throw refuse(`"${cleanLine(segment, 100)}" cannot be part of a project or group path`);
    }
  }
  const path = segments.join('/');
  if (path.length > 1000) throw refuse('is longer than a path can be');
  return path;
}

/** True for the numeric form, which also works behind proxies that decode `%2F`. */
export function isNumericId(id: string): boolean {
  return /^\d+$/.test(id);
}

/** API path of a project, with the id or the path encoded as one segment. */
export function projectPath(project: string): string {
  return `/projects/${urlSegment(project)}`;
}

export function groupPath(group: string): string {
  return `/groups/${urlSegment(group)}`;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function hasHiddenOrControl(text: string): boolean {
  return /[\s\p{Cc}\p{Cf}]/u.test(text);
}

function segmentOf(kind: WebObject): string {
  return `${kind}s`;
}

function words(kind: WebObject): string {
  return kind.replace('_', ' ');
}
