import { z } from 'zod';
import { cleanLine } from '../text';
import type { GitLab } from './client';
import { cleanDiff, countLines } from './diff-text';
import { diffLines } from './line-diff';
import { type RepositoryFile, readRepositoryFile } from './repository-file';
import type { WireDiff, WireMergeRequest } from './wire-types';

export const fileDiffSchema = z.object({
  path: z.string(),
  old_path: z.string().nullable().describe('Former path when it was renamed'),
  change: z.enum(['added', 'deleted', 'renamed', 'modified']),
  kind: z.enum(['text', 'binary', 'symlink', 'submodule']),
  old_mode: z
    .string()
    .nullable()
    .describe('Git file mode before: 100644 file, 100755 executable, 120000 link, 160000 submodule'),
  new_mode: z.string().nullable(),
  mode_changed: z.boolean().describe('An existing file became executable, a link, ... or stopped being one'),
  generated: z.boolean().nullable().describe('Marked as generated in the repository, so that GitLab folds it away'),
  content: z
    .enum(['given', 'computed', 'unchanged', 'binary', 'unavailable'])
    .describe(
      'given: the diff is from GitLab; computed: GitLab withheld it, so both whole files were read and compared here; unchanged: proven that only the name or mode changed, or that an empty file came or went; binary: it changed and has no lines; unavailable: it changed and nobody could see how',
    ),
  reason: z.string().nullable().describe('Why the content is computed or unavailable'),
  submodule: z
    .object({ before: z.string().nullable(), after: z.string().nullable() })
    .nullable()
    .describe('Commits of another repository that a submodule pointed and points to'),
  lines_added: z.number().int().nullable().describe('null when not known'),
  lines_removed: z.number().int().nullable(),
  hidden_characters: z
    .number()
    .int()
    .nullable()
    .describe(
      'Bidirectional and zero-width characters in added lines, which can make code read differently than it runs',
    ),
  diff: z
    .string()
    .nullable()
    .describe('Hunks from the first @@, with secrets redacted and hidden characters removed; null when there are none'),
  diff_omitted_characters: z.number().int().describe('How much of the diff was left out by max_characters'),
});
export type FileDiff = z.infer<typeof fileDiffSchema>;

/** Where the two sides of a change are read from. */
export interface Sides {
  baseSha: string;
  headSha: string;
  /** Projects that may hold the side's commits, the likelier first. */
  baseProjects: readonly (string | number)[];
  headProjects: readonly (string | number)[];
}

/** The sides of a merge request of that project; null while GitLab prepares them. */
export function sidesOf(project: string, wire: WireMergeRequest): Sides | null {
  const { base_sha: baseSha = null, head_sha: headSha = null } = wire.diff_refs ?? {};
  if (baseSha === null || headSha === null) return null;
  const target = wire.target_project_id ?? project;
  const source = wire.source_project_id;
  const isFork = source !== null && source !== wire.target_project_id;
  return { baseSha, headSha, baseProjects: [target], headProjects: isFork ? [target, source] : [target] };
}

type Content = Pick<FileDiff, 'content' | 'reason' | 'diff' | 'lines_added' | 'lines_removed' | 'hidden_characters'>;

/**
 * One changed file with its whole diff. Where GitLab withheld the text (collapsed, too large, or empty without a reason),
 * both files are read and compared here when `readWithheld` is set: an empty diff is never taken for "no change".
 */
export async function readFileDiff(
  gitlab: GitLab,
  wire: WireDiff,
  sides: Sides | null,
  readWithheld: boolean,
): Promise<FileDiff> {
  const path = cleanLine(wire.new_path ?? wire.old_path ?? '', 1000);
  const oldPath = cleanLine(wire.old_path ?? '', 1000);
  const raw = wire.diff ?? '';
  const kind = kindOf(wire, raw);
  const content = await contentOf(gitlab, wire, kind, sides, readWithheld);
  return {
    path,
    old_path: oldPath === path || oldPath === '' ? null : oldPath,
    change: wire.new_file ? 'added' : wire.deleted_file ? 'deleted' : wire.renamed_file ? 'renamed' : 'modified',
    kind: content.content === 'binary' ? 'binary' : kind,
    old_mode: modeOf(wire.a_mode),
    new_mode: modeOf(wire.b_mode),
    mode_changed: hasNewMode(wire),
    generated: wire.generated_file,
    submodule: kind === 'submodule' ? { before: commitIn(raw, '-'), after: commitIn(raw, '+') } : null,
    ...content,
    diff_omitted_characters: 0,
  };
}

async function contentOf(
  gitlab: GitLab,
  wire: WireDiff,
  kind: FileDiff['kind'],
  sides: Sides | null,
  readWithheld: boolean,
): Promise<Content> {
  const raw = wire.diff ?? '';
  if (kind === 'binary') return without('binary', null);
  if (raw.trim() !== '' && !wire.too_large && !wire.collapsed) return shown('given', null, raw);
  const reason = whyWithheld(wire);
  if (reason === null) return { ...without('unchanged', null), lines_added: 0, lines_removed: 0, hidden_characters: 0 };
  if (kind === 'submodule') return without('unavailable', `${reason} It is a submodule, so there is no file to read.`);
  if (sides === null) return without('unavailable', `${reason} GitLab has not told which commits to compare.`);
  if (!readWithheld) return without('unavailable', `${reason} read_withheld is off.`);
  const nothing: RepositoryFile = { state: 'text', text: '' };
  const [before, after] = await Promise.all([
    wire.new_file
      ? nothing
      : readRepositoryFile(gitlab, sides.baseProjects, wire.old_path ?? wire.new_path ?? '', sides.baseSha),
    wire.deleted_file
      ? nothing
      : readRepositoryFile(gitlab, sides.headProjects, wire.new_path ?? wire.old_path ?? '', sides.headSha),
  ]);
  return compare(before, after, reason);
}

function compare(before: RepositoryFile, after: RepositoryFile, reason: string): Content {
  for (const side of [before, after]) {
    if (side.state === 'unreadable')
      return without('unavailable', `${reason} Reading the file failed: ${side.problem}`);
    if (side.state === 'too_large') return without('unavailable', `${reason} The file itself is larger than 2 MiB.`);
  }
  if (before.state !== 'text' || after.state !== 'text') return without('binary', reason);
  const { text } = diffLines(before.text, after.text);
  if (text === '') return { ...shown('unchanged', reason, ''), diff: null };
  return shown('computed', reason, text);
}

/** Why GitLab gave no text; null when its answer itself says that there is none to show. */
export function whyWithheld(wire: WireDiff): string | null {
  if (wire.too_large) return 'GitLab withheld the diff because it is too large.';
  if (wire.collapsed) return 'GitLab withheld the diff because it is large (collapsed).';
  const tellsReasons = wire.too_large !== null && wire.collapsed !== null;
  const isOtherChange = wire.renamed_file || wire.new_file || wire.deleted_file || hasNewMode(wire);
  if (tellsReasons && isOtherChange) return null;
  return 'GitLab gave an empty diff and no reason.';
}

function shown(content: 'given' | 'computed' | 'unchanged', reason: string | null, raw: string): Content {
  const counts = countLines(raw);
  return {
    content,
    reason,
    diff: cleanDiff(raw),
    lines_added: counts.added,
    lines_removed: counts.removed,
    hidden_characters: counts.hidden,
  };
}

function without(content: 'unchanged' | 'binary' | 'unavailable', reason: string | null): Content {
  return {
    content,
    reason: reason && cleanLine(reason, 600),
    diff: null,
    lines_added: null,
    lines_removed: null,
    hidden_characters: null,
  };
}

function kindOf(wire: WireDiff, raw: string): FileDiff['kind'] {
  const modes = [wire.a_mode, wire.b_mode];
  if (modes.includes('160000')) return 'submodule';
  // Git's own words for a file without lines, where a hunk would begin.
  if (/^Binary files .{1,4200} differ\s*$/.test(raw)) return 'binary';
  return modes.includes('120000') ? 'symlink' : 'text';
}

/** GitLab gives 0 for the side where there is no file. */
function modeOf(mode: string | null): string | null {
  return mode === null || /^0*$/.test(mode) ? null : cleanLine(mode, 10);
}

function hasNewMode(wire: WireDiff): boolean {
  const [before, after] = [modeOf(wire.a_mode), modeOf(wire.b_mode)];
  return before !== null && after !== null && before !== after;
}

function commitIn(diff: string, sign: '+' | '-'): string | null {
  const line = diff.split('\n').find((entry) => entry.startsWith(`${sign}Subproject commit `));
  return /^.Subproject commit ([0-9a-f]{7,64})/.exec(line ?? '')?.[1] ?? null;
}
