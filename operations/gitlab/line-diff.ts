/** One hunk-by-hunk difference of two texts. */
export interface LineDiff {
  /** Hunks as Git writes them, from the first `@@`, with three lines around; empty for equal texts. */
  text: string;
  added: number;
  removed: number;
}

const context = 3;
/** Edits up to which the shortest difference is looked for; work and memory grow with its square. */
const maxEdits = 1_000;
const maxDepth = 40;

/** A run of lines: kept ones in both texts, or lines of only one of them. */
interface Run {
  kind: ' ' | '-' | '+';
  /** First line in the old text (`-`, ` `) or the new one (`+`). */
  from: number;
  count: number;
}

/**
 * The difference of two texts by lines. Applying it to the first gives the second, always; it is the shortest one for
 * texts that differ in up to 1,000 lines, and beyond that is split at lines that both have once. Time and memory stay
 * bounded for whatever texts.
 */
export function diffLines(before: string, after: string): LineDiff {
  const [a, b] = [splitLines(before), splitLines(after)];
  const numbers = new Map<string, number>();
  const numbered = (lines: readonly string[]) =>
    Int32Array.from(lines, (line) => {
      const known = numbers.get(line);
      if (known !== undefined) return known;
      numbers.set(line, numbers.size);
      return numbers.size - 1;
    });
  const runs: Run[] = [];
  compare({ a: numbered(a), b: numbered(b), runs }, 0, a.length, 0, b.length, 0);
  return { text: writeHunks(a, b, mergeRuns(runs)), ...count(runs) };
}

/** Lines with their line feed; the last one may have none, which is a difference too. */
function splitLines(text: string): string[] {
  return text === '' ? [] : (text.match(/[^\n]*\n|[^\n]+$/g) ?? []);
}

interface Texts {
  a: Int32Array;
  b: Int32Array;
  runs: Run[];
}

function compare(texts: Texts, a0: number, a1: number, b0: number, b1: number, depth: number): void {
  const { a, b, runs } = texts;
  let start = 0;
  while (a0 + start < a1 && b0 + start < b1 && a[a0 + start] === b[b0 + start]) start += 1;
  let end = 0;
  while (a1 - end > a0 + start && b1 - end > b0 + start && a[a1 - 1 - end] === b[b1 - 1 - end]) end += 1;
  push(runs, ' ', a0, start);
  between(texts, a0 + start, a1 - end, b0 + start, b1 - end, depth);
  push(runs, ' ', a1 - end, end);
}

function between(texts: Texts, a0: number, a1: number, b0: number, b1: number, depth: number): void {
  const steps = a0 === a1 || b0 === b1 ? [] : shortest(texts, a0, a1, b0, b1);
  if (steps !== undefined && steps.length > 0) {
    for (const { kind, from, count: length } of steps) push(texts.runs, kind, from, length);
    return;
  }
  const anchors = steps === undefined && depth < maxDepth ? commonUniqueLines(texts, a0, a1, b0, b1) : [];
  if (anchors.length === 0) {
    push(texts.runs, '-', a0, a1 - a0);
    push(texts.runs, '+', b0, b1 - b0);
    return;
  }
  let [atA, atB] = [a0, b0];
  for (const [inA, inB] of anchors) {
    compare(texts, atA, inA, atB, inB, depth + 1);
    push(texts.runs, ' ', inA, 1);
    [atA, atB] = [inA + 1, inB + 1];
  }
  compare(texts, atA, a1, atB, b1, depth + 1);
}

function push(runs: Run[], kind: Run['kind'], from: number, length: number): void {
  if (length > 0) runs.push({ kind, from, count: length });
}

/** Myers' greedy search; undefined when it takes more than `maxEdits` edits. */
function shortest({ a, b }: Texts, a0: number, a1: number, b0: number, b1: number): Run[] | undefined {
  const [n, m] = [a1 - a0, b1 - b0];
  const limit = Math.min(n + m, maxEdits);
  const reach = new Int32Array(2 * limit + 3);
  const middle = limit + 1;
  const trail: Int32Array[] = [];
  for (let d = 0; d <= limit; d += 1) {
    trail.push(reach.slice(middle - d - 1, middle + d + 2));
    for (let k = -d; k <= d; k += 2) {
      const isDown = k === -d || (k !== d && (reach[middle + k - 1] ?? 0) < (reach[middle + k + 1] ?? 0));
      let x = isDown ? (reach[middle + k + 1] ?? 0) : (reach[middle + k - 1] ?? 0) + 1;
      while (x < n && x - k < m && a[a0 + x] === b[b0 + x - k]) x += 1;
      reach[middle + k] = x;
      if (x >= n && x - k >= m) return walkBack(trail, n, m, a0, b0);
    }
  }
  return undefined;
}

function walkBack(trail: readonly Int32Array[], n: number, m: number, a0: number, b0: number): Run[] {
  const steps: Run[] = [];
  let [x, y] = [n, m];
  for (let d = trail.length - 1; d > 0; d -= 1) {
    const reach = trail[d] as Int32Array;
    // trail[d] starts at diagonal -d-1.
    const at = (k: number) => reach[k + d + 1] ?? 0;
    const k = x - y;
    const isDown = k === -d || (k !== d && at(k - 1) < at(k + 1));
    const beforeK = isDown ? k + 1 : k - 1;
    const [beforeX, beforeY] = [at(beforeK), at(beforeK) - beforeK];
    const kept = Math.min(x - beforeX - (isDown ? 0 : 1), y - beforeY - (isDown ? 1 : 0));
    if (kept > 0) steps.push({ kind: ' ', from: a0 + x - kept, count: kept });
    steps.push(isDown ? { kind: '+', from: b0 + beforeY, count: 1 } : { kind: '-', from: a0 + beforeX, count: 1 });
    [x, y] = [beforeX, beforeY];
  }
  if (x > 0) steps.push({ kind: ' ', from: a0, count: x });
  return steps.reverse();
}

/** Lines that each side has exactly once, in an order that both share: the longest rising sequence. */
function commonUniqueLines({ a, b }: Texts, a0: number, a1: number, b0: number, b1: number): [number, number][] {
  const once = (lines: Int32Array, from: number, to: number) => {
    const places = new Map<number, number>();
    for (let at = from; at < to; at += 1) {
      const line = lines[at] as number;
      places.set(line, places.has(line) ? -1 : at);
    }
    return places;
  };
  const inB = once(b, b0, b1);
  const pairs: [number, number][] = [];
  for (const [line, atA] of once(a, a0, a1)) {
    const atB = inB.get(line) ?? -1;
    if (atA >= 0 && atB >= 0) pairs.push([atA, atB]);
  }
  return longestRising(pairs);
}

/** Pairs rise by the first number; picks the most of them that rise by the second too. */
function longestRising(pairs: readonly [number, number][]): [number, number][] {
  const ends: number[] = [];
  const before = new Int32Array(pairs.length);
  pairs.forEach(([, value], index) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const half = (low + high) >> 1;
      if ((pairs[ends[half] as number]?.[1] ?? 0) < value) low = half + 1;
      else high = half;
    }
    before[index] = low > 0 ? (ends[low - 1] as number) : -1;
    ends[low] = index;
  });
  const picked: [number, number][] = [];
  for (let at = ends.at(-1) ?? -1; at >= 0; at = before[at] as number) picked.push(pairs[at] as [number, number]);
  return picked.reverse();
}

/** Neighbours of one kind become one run, and of neighbouring changes the removed lines come first. */
function mergeRuns(runs: readonly Run[]): Run[][] {
  const groups: Run[][] = [];
  for (const run of runs) {
    const group = groups.at(-1);
    const isKept = run.kind === ' ';
    if (group === undefined || (group[0]?.kind === ' ') !== isKept) groups.push([{ ...run }]);
    else group.push({ ...run });
  }
  return groups.map((group) => [
    ...group.filter(({ kind }) => kind !== '+'),
    ...group.filter(({ kind }) => kind === '+'),
  ]);
}

function count(runs: readonly Run[]): { added: number; removed: number } {
  const of = (sign: Run['kind']) => runs.reduce((sum, run) => sum + (run.kind === sign ? run.count : 0), 0);
  return { added: of('+'), removed: of('-') };
}

/** Groups of kept and of changed lines alternate. */
function writeHunks(a: readonly string[], b: readonly string[], groups: readonly Run[][]): string {
  const parts: string[] = [];
  let hunk: Hunk | undefined;
  let [oldLine, newLine] = [0, 0];
  groups.forEach((group, index) => {
    const size = group.reduce((sum, run) => sum + run.count, 0);
    if (group[0]?.kind === ' ') {
      const isLast = index === groups.length - 1;
      const after = Math.min(size, context);
      if (hunk !== undefined) {
        if (!isLast && size <= 2 * context) hunk.add(' ', a.slice(oldLine, oldLine + size));
        else {
          hunk.add(' ', a.slice(oldLine, oldLine + after));
          parts.push(hunk.write());
          hunk = undefined;
        }
      }
      [oldLine, newLine] = [oldLine + size, newLine + size];
      return;
    }
    if (hunk === undefined) {
      const around = index === 0 ? 0 : Math.min(context, oldLine);
      hunk = new Hunk(oldLine - around, newLine - around);
      hunk.add(' ', a.slice(oldLine - around, oldLine));
    }
    for (const run of group) {
      const lines = run.kind === '-' ? a : b;
      hunk.add(run.kind, lines.slice(run.from, run.from + run.count));
      if (run.kind === '-') oldLine += run.count;
      else newLine += run.count;
    }
  });
  if (hunk !== undefined) parts.push((hunk as Hunk).write());
  return parts.join('');
}

class Hunk {
  private readonly lines: string[] = [];
  private oldCount = 0;
  private newCount = 0;

  constructor(
    private readonly oldStart: number,
    private readonly newStart: number,
  ) {}

  add(sign: Run['kind'], lines: readonly string[]): void {
    for (const line of lines)
      this.lines.push(line.endsWith('\n') ? sign + line : `${sign}${line}\n\\ No newline at end of file\n`);
    if (sign !== '+') this.oldCount += lines.length;
    if (sign !== '-') this.newCount += lines.length;
  }

  write(): string {
    return `@@ -${range(this.oldStart, this.oldCount)} +${range(this.newStart, this.newCount)} @@\n${this.lines.join('')}`;
  }
}

function range(start: number, lines: number): string {
  const first = lines === 0 ? start : start + 1;
  return lines === 1 ? String(first) : `${first},${lines}`;
}
