import type { CommitPlan, Edit } from './world';

/** Replaces a whole file, or adds it. */
export function write(path: string, content: string): Edit {
  return { path, apply: () => content };
}

export function remove(path: string): Edit {
  return { path, apply: () => undefined };
}

/** Adds lines at the end of a file. */
export function append(path: string, lines: string): Edit {
  return { path, apply: (before) => `${before ?? ''}${lines}\n` };
}

/** Adds lines behind the first line that contains `anchor`, or at the end when a later change removed the anchor. */
export function insertAfter(path: string, anchor: string, lines: string): Edit {
  return {
    path,
    apply: (before = '') => {
      const at = before.indexOf(anchor);
      if (at < 0) return `${before}${lines}\n`;
      const end = before.indexOf('\n', at) + 1;
      return `${before.slice(0, end)}${lines}\n${before.slice(end)}`;
    },
  };
}

/** Replaces the first match; leaves a file without a match as it is. */
export function substitute(path: string, pattern: RegExp | string, replacement: string): Edit {
  return { path, apply: (before) => before?.replace(pattern, replacement) };
}

/** Changes a JSON file by its value. */
export function editJson(path: string, change: (value: Record<string, unknown>) => void): Edit {
  return {
    path,
    apply: (before) => {
      const value = JSON.parse(before ?? '{}') as Record<string, unknown>;
      change(value);
      return `${JSON.stringify(value, null, 2)}\n`;
    },
  };
}

export function commit(message: string, ...edits: Edit[]): CommitPlan {
  return { message, edits };
}
