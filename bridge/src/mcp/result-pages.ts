/** What a part of a result is counted in: elements of a list, characters of a text, or of the JSON text of an object. */
export type Unit = 'items' | 'characters' | 'characters_of_json';

/** A part that is not whole where it stands: `shown` of `of`. */
export interface Cut {
  /** JSON Pointer (RFC 6901) into the result. */
  path: string;
  unit: Unit;
  shown: number;
  of: number;
}

/** What follows of such a part: `from` (counted from 0) up to, but without, `to`. */
export interface Piece {
  path: string;
  unit: Unit;
  from: number;
  to: number;
  of: number;
  items?: unknown[];
  text?: string;
}

export interface ResultPages {
  /** The result itself, with every field in its place, and lists and texts cut where they are too long. */
  first: { result: unknown; cut: Cut[] };
  /** What was cut out, in the order of reading; `cut` names what is not whole in the pieces either. */
  more: { pieces: Piece[]; cut: Cut[] }[];
  /** False when there was more than `mostPages`. */
  complete: boolean;
}

/** What is left of a part: a list or a text from an index on. */
interface Rest {
  path: string;
  unit: Unit;
  whole: readonly unknown[] | string;
  from: number;
  depth: number;
}

/** Logs are full of ids and digests, for which tokenisers need more than one token for four characters. */
const charactersPerToken = 3;
/** What names a part, beside its path. */
const nameTokens = 30;
/** A part smaller than this says nothing. */
const leastTokens = 80;
/** Least room for a member that is cut: its name fits on every later page then, with something behind it. */
const leastShare = 4 * leastTokens;
/** Deeper in it is JSON text; nothing that a person would name by a path lies there. */
const deepest = 12;
const notAscii = /[^\x00-\x7f]/;

/** About how many tokens a text costs a model: one for three characters, and one for each that is not ASCII. */
export function tokensIn(text: string): number {
  let others = 0;
  if (notAscii.test(text)) {
    for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) others += 1;
  }
  return (text.length - others) / charactersPerToken + others;
}

/**
 * Splits a result into pages of at most `tokens` each. Nothing is lost and nothing comes twice: the first page with all pieces put
 * where their paths say is the result again.
 */
export function splitResult(result: Record<string, unknown>, tokens: number, mostPages: number): ResultPages {
  const splitter = new Splitter(tokens);
  const rests: Rest[] = [];
  const first = { result: splitter.fit(result, '', tokens, 0, rests), cut: rests.map(asCut) };
  const more: ResultPages['more'] = [];
  let queue = rests;
  while (queue.length > 0 && more.length + 1 < mostPages) {
    const page = splitter.page(queue);
    more.push({ pieces: page.pieces, cut: page.cut });
    queue = page.left;
  }
  return { first, more, complete: queue.length === 0 };
}

class Splitter {
  constructor(private readonly pageTokens: number) {}

  /** As much of a value as fits into `room`; what does not is added to `rests`. */
  fit(value: unknown, path: string, room: number, depth: number, rests: Rest[]): unknown {
    if (costOf(value) <= room) return value;
    if (typeof value === 'string') return this.cutText(value, path, 'characters', room, depth, rests);
    if (typeof value !== 'object' || value === null) return value;
    if (depth < deepest) {
      if (Array.isArray(value)) return this.cutList(value, path, room, depth, rests);
      const shares = sharesOf(value, path, room);
      if (shares !== undefined) {
        return Object.fromEntries(
          Object.entries(value).map(([key, member], index) => [
            key,
            this.fit(member, `${path}/${escaped(key)}`, shares[index] as number, depth + 1, rests),
          ]),
        );
      }
    }
    return this.cutText(JSON.stringify(value), path, 'characters_of_json', room, depth, rests);
  }

  /** One page of what is left, from its beginning on. There is always something on it. */
  page(queue: readonly Rest[]): { pieces: Piece[]; cut: Cut[]; left: Rest[] } {
    const pieces: Piece[] = [];
    const cut: Cut[] = [];
    let left = [...queue];
    let room = this.pageTokens;
    for (let rest = left[0]; rest !== undefined; rest = left[0]) {
      room -= nameCost(rest.path);
      if (pieces.length > 0 && room < leastTokens) break;
      const { whole, from, path, unit, depth } = rest;
      const named = { path, unit, from };
      const inner: Rest[] = [];
      let to: number;
      if (typeof whole === 'string') {
        to = from + fittingLength(whole, from, room);
        const text = whole.slice(from, to);
        pieces.push({ ...named, to, of: whole.length, text });
        room -= costOf(text);
      } else {
        const items = this.take(whole, from, path, room, depth, inner);
        if (items.length === 0) break;
        to = from + items.length;
        pieces.push({ ...named, to, of: whole.length, items });
        room -= costOf(items);
      }
      cut.push(...inner.map(asCut));
      left = [...inner, ...(to < whole.length ? [{ ...rest, from: to }] : []), ...left.slice(1)];
      // What goes on where this page ends belongs to the next one.
      if (inner.length > 0 || to < whole.length) break;
    }
    return { pieces, cut, left };
  }

  private cutText(text: string, path: string, unit: Unit, room: number, depth: number, rests: Rest[]): string {
    const to = fittingLength(text, 0, room - nameCost(path));
    if (to < text.length) rests.push({ path, unit, whole: text, from: to, depth });
    return text.slice(0, to);
  }

  private cutList(list: readonly unknown[], path: string, room: number, depth: number, rests: Rest[]): unknown[] {
    const inner: Rest[] = [];
    const shown = this.take(list, 0, path, room - nameCost(path), depth, inner);
    rests.push(...inner);
    if (shown.length < list.length) rests.push({ path, unit: 'items', whole: list, from: shown.length, depth });
    return shown;
  }

  /** Elements from an index on, while they fit. One that no page can hold is cut itself, and is then the last. */
  private take(
    list: readonly unknown[],
    from: number,
    path: string,
    room: number,
    depth: number,
    rests: Rest[],
  ): unknown[] {
    const taken: unknown[] = [];
    let left = room;
    for (let at = from; at < list.length; at += 1) {
      const cost = costOf(list[at]) + 1;
      if (cost > left) {
        const fitsNowhere = cost > this.pageTokens - nameCost(path);
        if (fitsNowhere && left >= 2 * leastTokens) {
          taken.push(this.fit(list[at], `${path}/${at}`, left, depth + 1, rests));
        }
        break;
      }
      taken.push(list[at]);
      left -= cost;
    }
    return taken;
  }
}

/**
 * How much room each member of an object gets: small ones all they need, and those that are too long equal parts of the rest.
 * Undefined when there are too many for that, or their names are too long: then the object is shown as JSON text.
 */
function sharesOf(value: object, path: string, room: number): number[] | undefined {
  const entries = Object.entries(value);
  const names = entries.reduce((sum, [key]) => sum + costOf(key) + 1, 0);
  const costs = entries.map(([, member]) => costOf(member));
  let left = room - names;
  const shares = [...costs];
  const bySize = costs.map((cost, index) => ({ cost, index })).sort((one, other) => one.cost - other.cost);
  for (const [position, { cost, index }] of bySize.entries()) {
    const share = left / (bySize.length - position);
    const longestName = nameCost(`${path}/${escaped(entries[index]?.[0] ?? '')}`);
    if (cost > share && share < longestName + leastShare) return undefined;
    shares[index] = Math.min(cost, share);
    left -= shares[index] as number;
  }
  return shares;
}

/** How many characters of a text, from an index on, fit; at least one, and never half of a pair. */
function fittingLength(text: string, from: number, room: number): number {
  let length = Math.min(text.length - from, Math.max(2, Math.floor(room * charactersPerToken)));
  for (;;) {
    const cost = costOf(text.slice(from, from + length));
    if (cost <= room || length <= 2) break;
    length = Math.max(2, Math.min(length - 1, Math.floor((length * room) / cost)));
  }
  const last = text.charCodeAt(from + length - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff && from + length < text.length;
  return splitsPair && length > 1 ? length - 1 : length;
}

function costOf(value: unknown): number {
  return tokensIn(JSON.stringify(value) ?? '');
}

function nameCost(path: string): number {
  return nameTokens + costOf(path);
}

function asCut({ path, unit, whole, from }: Rest): Cut {
  return { path, unit, shown: from, of: whole.length };
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
