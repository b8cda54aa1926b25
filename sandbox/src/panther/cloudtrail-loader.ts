import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { isCloudTrailEvent, type JsonObject } from './cloudtrail-row';

/** The folder to load cannot be used; the message is one line for a person. */
export class FolderError extends Error {}

export interface LoadedEvent {
  event: JsonObject;
  /** Path below the folder, with forward slashes. */
  file: string;
}

export interface LoadReport {
  files: number;
  events: number;
  /** Lines, records or whole files that were no CloudTrail event. */
  malformed: number;
  /** The first few of them: file, line or record number (from 1; 0 means the whole file), and why. */
  examples: { file: string; at: number; reason: string }[];
}

const KNOWN = /\.(json|ndjson|jsonl)(\.gz)?$/i;
const MAX_EXAMPLES = 10;
const unzip = promisify(gunzip);

/**
 * Reads every `.json`, `.ndjson` and `.jsonl` file (each also with `.gz`) below `folder`, in the order of their paths.
 * A file holds CloudTrail's own `{"Records": [...]}`, an array, one event, or one event a line; an event may be wrapped
 * as `{"event": {...}}`. What is no event is counted and skipped. Throws FolderError when the folder is missing, is
 * none, or holds no such file.
 */
export async function readCloudTrailFolder(folder: string): Promise<{ events: LoadedEvent[]; report: LoadReport }> {
  const info = await stat(folder).catch(() => undefined);
  if (!info) throw new FolderError(`The CloudTrail folder ${folder} does not exist.`);
  if (!info.isDirectory()) throw new FolderError(`${folder} is not a folder.`);
  const names = (await readdir(folder, { recursive: true })).filter((name) => KNOWN.test(name)).sort();
  if (names.length === 0) throw new FolderError(`The folder ${folder} holds no .json, .json.gz or .ndjson file.`);
  const events: LoadedEvent[] = [];
  const report: LoadReport = { files: names.length, events: 0, malformed: 0, examples: [] };
  for (const name of names) {
    const file = relative(folder, join(folder, name)).split(sep).join('/');
    const bad = (at: number, reason: string): void => {
      report.malformed += 1;
      if (report.examples.length < MAX_EXAMPLES) report.examples.push({ file, at, reason });
    };
    const text = await readText(join(folder, name)).catch((error: Error) => bad(0, error.message));
    if (typeof text !== 'string') continue;
    for (const event of eventsIn(text, bad)) events.push({ event, file });
  }
  report.events = events.length;
  return { events, report };
}

async function readText(path: string): Promise<string> {
  const bytes = await readFile(path);
  // By content, not by name: copies of CloudTrail files often keep `.gz` after having been unpacked, and the reverse.
  const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return (zipped ? await unzip(bytes) : bytes).toString('utf8').replace(/^\uFEFF/, '');
}

function* eventsIn(text: string, bad: (at: number, reason: string) => void): Generator<JsonObject> {
  const whole = parse(text);
  if (whole.error === undefined) {
    yield* eventsOf(whole.value, bad);
    return;
  }
  const lines = text.split('\n');
  const filled = lines.filter((line) => line.trim() !== '');
  if (filled.length <= 1) {
    bad(0, whole.error);
    return;
  }
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const parsed = parse(line);
    if (parsed.error !== undefined) bad(i + 1, parsed.error);
    else yield* eventsOf(parsed.value, (_at, reason) => bad(i + 1, reason));
  }
}

function* eventsOf(value: unknown, bad: (at: number, reason: string) => void): Generator<JsonObject> {
  const records = recordsOf(value);
  for (const [i, record] of records.entries()) {
    const event = isWrapped(record) ? record.event : record;
    if (isCloudTrailEvent(event)) yield event;
    else bad(i + 1, 'no CloudTrail event: eventName or a readable eventTime is missing');
  }
}

function recordsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  const records = (value as { Records?: unknown } | null)?.Records;
  return Array.isArray(records) ? records : [value];
}

function isWrapped(value: unknown): value is { event: unknown } {
  return typeof value === 'object' && value !== null && 'event' in value && !('eventName' in value);
}

function parse(text: string): { value?: unknown; error?: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}
