import { InvalidInputError } from '../errors';

/**
 * A place in a list that a service pages through: Panther's cursors stand at the beginning of a page, callers stop anywhere.
 * The cursors that operations give out hold the whole place, so that going on repeats no row and drops none.
 */
export interface Position {
  /** Cursor of the page; undefined on the first. It holds for pages of this size only. */
  cursor: string | undefined;
  pageSize: number;
  /** How many items of that page were given already. */
  used: number;
  /** How many items were given before this place, in all. */
  before: number;
}

const longest = 20_000;

/** The place as text. `owner` says what it is a place in, and is asked for again when the place is read. */
export function writePosition(owner: string, { cursor, pageSize, used, before }: Position): string {
  const text = JSON.stringify([owner, pageSize, used, before, cursor ?? null]);
  // `btoa` takes Latin-1 only; JSON can write the rest in ASCII.
  const ascii = text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return btoa(ascii).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/**
 * Reads a place back. Throws InvalidInputError on `cursor` for text that is none, and with `foreign` for one in
 * something else than `owner`. Nothing has been sent then.
 */
export function readPosition(owner: string, text: string, foreign: string): Position {
  const parts = parse(text);
  if (parts === undefined) {
    throw new InvalidInputError(
      'cursor',
      'is not one that was given out as `next`. Leave it out to begin at the start',
    );
  }
  if (parts[0] !== owner) throw new InvalidInputError('cursor', foreign);
  const [, pageSize, used, before, cursor] = parts;
  return { pageSize, used, before, cursor: cursor ?? undefined };
}

function parse(text: string): [string, number, number, number, string | null] | undefined {
  let parts: unknown;
  try {
    if (text.length > longest) return undefined;
    parts = JSON.parse(atob(text.trim().replace(/-/g, '+').replace(/_/g, '/')));
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts) || parts.length !== 5) return undefined;
  const [owner, pageSize, used, before, cursor] = parts as unknown[];
  const isCount = (value: unknown, most: number): value is number =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most;
  const isFine =
    typeof owner === 'string' &&
    isCount(pageSize, 999) &&
    pageSize > 0 &&
    isCount(used, pageSize) &&
    isCount(before, Number.MAX_SAFE_INTEGER) &&
    (cursor === null || typeof cursor === 'string');
  return isFine ? [owner, pageSize, used, before, cursor] : undefined;
}

/** A page as a service gives it. `more` without `next`: it promises another page and does not say where. */
export interface SourcePage<T> {
  items: T[];
  next: string | undefined;
  more: boolean;
}

/** Why a reading ended before the service did. */
export type Stopped = 'limit' | 'room' | 'time' | 'service';

export interface ReadOn<T> {
  items: T[];
  /** Undefined when the service had no more. */
  stopped: Stopped | undefined;
  /** Where to go on; undefined when there is nothing more, or no way to it. */
  next: Position | undefined;
}

const mostEmptyPages = 100;

export interface ReadOnOptions<T> {
  /** Most items to give. */
  limit: number;
  read(cursor: string | undefined, pageSize: number): Promise<SourcePage<T>>;
  /** Whether an item counts; others are passed over. All do unless given. */
  keep?(item: T): boolean;
  /** Whether there is room for one more item; the first is always given, so that a reading moves on. */
  hasRoom?(item: T): boolean;
  /** Whether there is time for one more page; the first is always read. */
  hasTime?(): boolean;
}

/**
 * Reads items from a place on, page by page, each once and in order. A page that repeats a cursor and a long run of pages
 * with nothing to give end the reading, so that a service that loops cannot hold us for ever.
 */
export async function readOn<T>(from: Position, options: ReadOnOptions<T>): Promise<ReadOn<T>> {
  const { limit, read, keep = () => true, hasRoom = () => true, hasTime = () => true } = options;
  const items: T[] = [];
  const seen = new Set<string>();
  let { cursor, used } = from;
  const { pageSize } = from;
  for (let pages = 0, empty = 0; ; pages += 1) {
    const at = (position: number): Position => ({
      cursor,
      pageSize,
      used: position,
      before: from.before + items.length,
    });
    if (pages > 0 && !hasTime()) return { items, stopped: 'time', next: at(0) };
    if (cursor !== undefined) seen.add(cursor);
    const page = await read(cursor, pageSize);
    const given = items.length;
    for (let index = used; index < page.items.length; index += 1) {
      const item = page.items[index] as T;
      if (!keep(item)) continue;
      if (items.length >= limit) return { items, stopped: 'limit', next: at(index) };
      const room = hasRoom(item);
      if (items.length > 0 && !room) return { items, stopped: 'room', next: at(index) };
      items.push(item);
    }
    if (!page.more) return { items, stopped: undefined, next: undefined };
    if (page.next === undefined || seen.has(page.next)) return { items, stopped: 'service', next: undefined };
    cursor = page.next;
    used = 0;
    empty = items.length === given ? empty + 1 : 0;
    if (items.length >= limit) return { items, stopped: 'limit', next: at(0) };
    if (empty >= mostEmptyPages) return { items, stopped: 'service', next: at(0) };
  }
}
