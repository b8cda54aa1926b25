import { z } from 'zod';
import { cleanLine } from '../text';
import { cleanDiff, countLines, cutAtLine } from './diff-text';
import type { WireDiff } from './wire-types';

export const changedFileSchema = z.object({
  path: z.string(),
  old_path: z.string().nullable().describe('Former path when it was renamed'),
  change: z.enum(['added', 'deleted', 'renamed', 'modified']),
  old_mode: z.string().nullable().describe('Git file mode before; 160000 is a submodule, 120000 a symbolic link'),
  new_mode: z.string().nullable(),
  generated: z.boolean().nullable(),
  content: z
    .enum(['available', 'collapsed', 'too_large', 'empty'])
    .describe(
      'Whether GitLab gave the diff. collapsed and too_large: withheld for its size; empty: no text and no reason given (rename, mode change, binary or withheld). None of these means "no change"',
    ),
  lines_added: z.number().int().nullable().describe('null when the diff is not available'),
  lines_removed: z.number().int().nullable(),
  hidden_characters: z
    .number()
    .int()
    .describe(
      'Bidirectional and zero-width characters in added lines, which can make code read differently than it runs',
    ),
  diff: z
    .string()
    .nullable()
    .describe('Hunks, with secrets redacted; null when not available, not asked for or over the limit'),
  diff_omitted_characters: z.number().int().describe('How much of the diff was left out by max_diff_characters'),
});
export type ChangedFile = z.infer<typeof changedFileSchema>;

/** A diff shortened below this says too little to be worth its place. */
const smallestExcerpt = 200;

/**
 * Files of a merge request in GitLab's order, with at most `budget` characters of diffs. Small diffs are kept whole
 * first and the large ones share what is left, so that one lock file does not crowd out the rest.
 */
export function shapeChangedFiles(diffs: readonly WireDiff[], budget: number): ChangedFile[] {
  const texts = diffs.map((diff) => (contentOf(diff) === 'available' ? cleanDiff(diff.diff ?? '') : ''));
  const shares = shareBudget(
    texts.map((text) => text.length),
    budget,
  );
  return diffs.map((diff, index) => {
    const text = texts[index] ?? '';
    const share = shares[index] ?? 0;
    const shown = text === '' || (share < text.length && share < smallestExcerpt) ? null : cutAtLine(text, share);
    return { ...describe(diff), diff: shown, diff_omitted_characters: text.length - (shown ?? '').length };
  });
}

function describe(diff: WireDiff): Omit<ChangedFile, 'diff' | 'diff_omitted_characters'> {
  const path = cleanLine(diff.new_path ?? diff.old_path ?? '', 1000);
  const oldPath = cleanLine(diff.old_path ?? '', 1000);
  const content = contentOf(diff);
  const counts = countLines(diff.diff ?? '');
  return {
    path,
    old_path: oldPath === path || oldPath === '' ? null : oldPath,
    change: diff.new_file ? 'added' : diff.deleted_file ? 'deleted' : diff.renamed_file ? 'renamed' : 'modified',
    old_mode: diff.a_mode && cleanLine(diff.a_mode, 10),
    new_mode: diff.b_mode && cleanLine(diff.b_mode, 10),
    generated: diff.generated_file,
    content,
    lines_added: content === 'available' ? counts.added : null,
    lines_removed: content === 'available' ? counts.removed : null,
    hidden_characters: counts.hidden,
  };
}

/** GitLab sends an empty `diff` for files it collapsed or found too large; older servers without the flags. */
function contentOf(diff: WireDiff): ChangedFile['content'] {
  if (diff.too_large) return 'too_large';
  if (diff.collapsed) return 'collapsed';
  return diff.diff === null || diff.diff.trim() === '' ? 'empty' : 'available';
}

/** Splits `total` over wishes of the given sizes: the smaller ones in full first, the rest in equal parts. */
export function shareBudget(sizes: readonly number[], total: number): number[] {
  const shares = sizes.map(() => 0);
  const ascending = sizes.map((size, index) => ({ size, index })).sort((a, b) => a.size - b.size);
  let left = total;
  ascending.forEach(({ size, index }, position) => {
    const share = Math.min(size, Math.floor(left / (ascending.length - position)));
    shares[index] = share;
    left -= share;
  });
  return shares;
}
