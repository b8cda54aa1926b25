import type { Tree } from './world';

/** GitLab's default limits: above the first a file's diff is collapsed, above the second it is too large to show. */
const COLLAPSED_BYTES = 20_480;
const TOO_LARGE_BYTES = 204_800;
const CONTEXT = 3;

export interface FileDiff {
  oldPath: string;
  newPath: string;
  diff: string;
  newFile: boolean;
  renamedFile: boolean;
  deletedFile: boolean;
  /** Git's file modes; those of a file that is not there are the other side's. */
  oldMode: string;
  newMode: string;
  collapsed: boolean;
  tooLarge: boolean;
}

/** Differences of two trees, file by file in order of path, a moved file with the same content as a rename. */
export function diffTrees(before: Tree, after: Tree, modes: Modes = {}): FileDiff[] {
  const changed = [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => before.get(path) !== after.get(path) || modes[path] !== undefined)
    .sort();
  const removed = new Map(changed.filter((path) => !after.has(path)).map((path) => [before.get(path), path]));
  const renames = new Map<string, string>();
  for (const path of changed) {
    const from = before.has(path) ? undefined : removed.get(after.get(path));
    if (from) renames.set(path, from);
  }
  const gone = new Set(renames.values());
  return changed
    .filter((path) => !gone.has(path))
    .map((path) => {
      const oldPath = renames.get(path) ?? path;
      const text = textOfDiff(oldPath, path, before.get(oldPath), after.get(path));
      const size = Buffer.byteLength(text);
      return {
        oldPath,
        newPath: path,
        diff: size > COLLAPSED_BYTES ? '' : text,
        newFile: !before.has(oldPath),
        renamedFile: oldPath !== path,
        deletedFile: !after.has(path),
        oldMode: modes[path]?.[0] ?? modeOf(before.get(oldPath)),
        newMode: modes[path]?.[1] ?? modeOf(after.get(path)),
        collapsed: size > COLLAPSED_BYTES && size <= TOO_LARGE_BYTES,
        tooLarge: size > TOO_LARGE_BYTES,
      };
    });
}

/** Modes of a file before and after, where they are not those of a plain file. */
export type Modes = Readonly<Record<string, readonly [string, string]>>;

/** A submodule is kept in the tree as the line that Git shows for it. */
const SUBMODULE = /^Subproject commit [0-9a-f]{40}\n$/;

function modeOf(content: string | undefined): string {
  return content !== undefined && SUBMODULE.test(content) ? '160000' : '100644';
}

/** Git says only that a binary file differs. */
function textOfDiff(oldPath: string, path: string, before: string | undefined, after: string | undefined): string {
  if (before === after) return '';
  if (!`${before ?? ''}${after ?? ''}`.includes('\0')) return hunks(before ?? '', after ?? '');
  const [from, to] = [
    before === undefined ? '/dev/null' : `a/${oldPath}`,
    after === undefined ? '/dev/null' : `b/${path}`,
  ];
  return `Binary files ${from} and ${to} differ\n`;
}

/** Counts of added and removed lines, as a commit's `stats`. */
export function lineStats(before: Tree, after: Tree): { additions: number; deletions: number } {
  let additions = 0;
  let deletions = 0;
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    const [a, b] = [before.get(path), after.get(path)];
    if (a === b) continue;
    for (const step of script(split(a ?? ''), split(b ?? ''))) {
      if (step.kind === '+') additions += 1;
      if (step.kind === '-') deletions += 1;
    }
  }
  return { additions, deletions };
}

interface Step {
  kind: ' ' | '+' | '-';
  text: string;
}

/** The `@@` hunks of a unified diff; empty for equal texts. Every text is expected to end with a line feed. */
export function hunks(before: string, after: string): string {
  const steps = script(split(before), split(after));
  const touched = steps.flatMap((step, index) => (step.kind === ' ' ? [] : [index]));
  const parts: string[] = [];
  let oldLine = 1;
  let newLine = 1;
  let position = 0;
  const advance = (to: number) => {
    for (; position < to; position += 1) {
      if (steps[position]?.kind !== '+') oldLine += 1;
      if (steps[position]?.kind !== '-') newLine += 1;
    }
  };
  for (let i = 0; i < touched.length; ) {
    const from = Math.max(0, (touched[i] ?? 0) - CONTEXT);
    let last = touched[i] ?? 0;
    while (i < touched.length && (touched[i] ?? 0) - last <= CONTEXT * 2) {
      last = touched[i] ?? 0;
      i += 1;
    }
    const slice = steps.slice(from, last + 1 + CONTEXT);
    advance(from);
    const oldCount = slice.filter((step) => step.kind !== '+').length;
    const newCount = slice.filter((step) => step.kind !== '-').length;
    parts.push(`@@ -${range(oldLine, oldCount)} +${range(newLine, newCount)} @@\n`);
    for (const step of slice) parts.push(`${step.kind}${step.text}\n`);
  }
  return parts.join('');
}

function range(line: number, count: number): string {
  const start = count === 0 ? line - 1 : line;
  return count === 1 ? String(start) : `${start},${count}`;
}

function split(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** Shortest edit script (Myers), after cutting off the common start and end. */
function script(a: string[], b: string[]): Step[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const same = (text: string): Step => ({ kind: ' ', text });
  return [
    ...a.slice(0, start).map(same),
    ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(same),
  ];
}

function middle(a: string[], b: string[]): Step[] {
  if (a.length === 0) return b.map((text) => ({ kind: '+', text }));
  if (b.length === 0) return a.map((text) => ({ kind: '-', text }));
  const max = a.length + b.length;
  const trail: Map<number, number>[] = [];
  let reach = new Map<number, number>([[1, 0]]);
  for (let d = 0; d <= max; d += 1) {
    trail.push(new Map(reach));
    const next = new Map(reach);
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
      let x = down ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      next.set(k, x);
      if (x >= a.length && x - k >= b.length) return walkBack(a, b, trail);
    }
    reach = next;
  }
  return [];
}

function walkBack(a: string[], b: string[], trail: Map<number, number>[]): Step[] {
  const steps: Step[] = [];
  let x = a.length;
  let y = b.length;
  for (let d = trail.length - 1; d >= 0 && (x > 0 || y > 0); d -= 1) {
    const reach = trail[d] ?? new Map<number, number>();
    const k = x - y;
    const down = k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
    const previousK = down ? k + 1 : k - 1;
    const previousX = reach.get(previousK) ?? 0;
    const previousY = previousX - previousK;
    while (x > previousX && y > previousY && x > 0 && y > 0) {
      x -= 1;
      y -= 1;
      steps.push({ kind: ' ', text: a[x] ?? '' });
    }
    if (d === 0) break;
    if (down) {
      y -= 1;
      steps.push({ kind: '+', text: b[y] ?? '' });
    } else {
      x -= 1;
      steps.push({ kind: '-', text: a[x] ?? '' });
    }
  }
  return steps.reverse();
}
