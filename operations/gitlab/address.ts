import { InvalidInputError } from '../errors';
import { cleanLine } from '../text';

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
  const base = new URL(baseUrl);
  const refuse = (problem: string) => new InvalidInputError(field, problem);
  const trimmed = address.trim();
  // The URL class resolves `..` silently and drops tabs and line breaks, so these are looked for in the text as given.
  if (hasHiddenOrControl(trimmed)) throw refuse('holds control characters or white space');
  let url: URL;
  try {
    url = new URL(trimmed);
  } catch {
    throw refuse(`not an address; give the one from the browser, e.g. ${baseUrl}/group/project/-/${segmentOf(kind)}/1`);
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
  const segments = url.pathname.slice(prefix.length).split('/').slice(1);
  return readSegments(segments, kind, refuse);
}

function readSegments(segments: string[], kind: WebObject, refuse: (problem: string) => InvalidInputError): WebAddress {
  const dash = segments.indexOf('-');
  // Without `/-/` a group may itself be called "jobs"; the last pair of name and number is then the object.
  const at = dash >= 0 ? dash : findLegacy(segments);
  const names = segments.slice(0, at);
  const [segment, id] = dash >= 0 ? segments.slice(dash + 1) : segments.slice(at);
  const found = segment === undefined || at < 0 ? undefined : kindBySegment.get(segment);
  if (found === undefined) throw refuse('is not the address of a job, pipeline or merge request');
  if (found !== kind) throw refuse(`is the address of a ${words(found)}; this needs a ${words(kind)}`);
  if (id === undefined || !/^[1-9]\d{0,14}$/.test(id)) throw refuse(`has no number behind "${segment}"`);
  return { kind, project: checkPath(names.map(decode), refuse), id: Number(id) };
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
  return `/projects/${encodeURIComponent(project)}`;
}

export function groupPath(group: string): string {
  return `/groups/${encodeURIComponent(group)}`;
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
