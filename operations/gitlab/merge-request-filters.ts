import { z } from 'zod';
import { InvalidInputError } from '../errors';
import { cleanLine } from '../text';
import type { Params } from './client';
import { mergerOf } from './merge-request-shape';
import type { WireMergeRequest, WireUser } from './wire-types';

export const timeFields = ['merged', 'created', 'updated'] as const;
export type TimeField = (typeof timeFields)[number];

const userInput = z.string().max(255).optional();

/** What narrows a list of merge requests. */
export const filterInput = {
  state: z.enum(['opened', 'closed', 'locked', 'merged', 'all']).default('all').describe('Default: all'),
  author_username: userInput.describe('Only those of this author, by user name'),
  merged_by: userInput.describe('Only those that this user merged, or set to merge automatically, by user name'),
  reviewer_username: userInput.describe('Only those with this reviewer, by user name'),
  labels: z
    .array(z.string().max(255))
    .max(20)
    .optional()
    .describe('Only those with every one of these labels, up to 20; a single "any" or "none" means any or no label'),
  source_branch: z.string().max(255).optional().describe('Only those from this branch'),
  target_branch: z.string().max(255).optional().describe('Only those into this branch, e.g. main'),
  draft: z.boolean().optional().describe('true: only drafts; false: no drafts. Default: both'),
  approved: z
    .boolean()
    .optional()
    .describe(
      'true: only those with an approval on record; false: only those without any. Costs one request for each merge request looked at; one whose approvals cannot be read is left out, and the answer then is not complete. Default: both',
    ),
  search: z.string().max(200).optional().describe('Only those with these words in title or description'),
};

export interface Filters {
  time_field: TimeField;
  state: 'opened' | 'closed' | 'locked' | 'merged' | 'all';
  author_username?: string;
  merged_by?: string;
  reviewer_username?: string;
  labels?: string[];
  source_branch?: string;
  target_branch?: string;
  draft?: boolean;
  search?: string;
}

/** Throws InvalidInputError for filters that exclude each other, with what to change. */
export function checkFilters(given: Filters): void {
  if (given.time_field === 'merged' && given.state !== 'all' && given.state !== 'merged') {
    throw new InvalidInputError(
      'state',
      `time_field "merged" finds merged ones only, not "${given.state}"; use time_field "created" or "updated"`,
    );
  }
  if (text(given.merged_by) !== '' && given.state !== 'all' && given.state !== 'merged') {
    throw new InvalidInputError(
      'merged_by',
      `finds merged ones only, so none that are "${given.state}"; leave out state, or use author_username`,
    );
  }
  const labels = labelsOf(given);
  const withComma = labels.find((label) => label.includes(','));
  if (withComma !== undefined) {
    throw new InvalidInputError(
      'labels',
      `"${cleanLine(withComma, 100)}" holds a comma, which no label has; give one list entry for each label`,
    );
  }
  if (labels.length > 1 && labels.some((label) => /^(any|none)$/i.test(label))) {
    throw new InvalidInputError('labels', '"any" and "none" stand alone; leave out the other labels');
  }
}

/**
 * The filters for GitLab. It ignores what it does not know, and everything is filtered again by `matches`, so they only
 * save reading. `wip` is the name that every version takes; `draft`, its successor of 19.0, excludes it.
 */
export function filterParams(given: Filters): Params {
  return {
    state: given.time_field === 'merged' ? 'merged' : given.state,
    author_username: userName(given.author_username),
    merge_user_username: userName(given.merged_by),
    reviewer_username: userName(given.reviewer_username),
    labels: labelsOf(given).join(','),
    source_branch: text(given.source_branch),
    target_branch: text(given.target_branch),
    wip: given.draft === undefined ? undefined : given.draft ? 'yes' : 'no',
    search: text(given.search),
  };
}

export function matches(wire: WireMergeRequest, given: Filters): boolean {
  const state = given.time_field === 'merged' ? 'merged' : given.state;
  return (
    (state === 'all' || wire.state === state) &&
    isUser(given.author_username, [wire.author]) &&
    isUser(given.merged_by, [mergerOf(wire)]) &&
    isUser(given.reviewer_username, wire.reviewers) &&
    hasLabels(wire.labels, labelsOf(given)) &&
    isBranch(given.source_branch, wire.source_branch) &&
    isBranch(given.target_branch, wire.target_branch) &&
    (given.draft === undefined || given.draft === (wire.draft ?? wire.work_in_progress ?? false)) &&
    hasWords(text(given.search), `${wire.title ?? ''}\n${wire.description ?? ''}`)
  );
}

function text(value: string | undefined): string {
  return value?.trim() ?? '';
}

/** People write `@name`, GitLab means `name`. */
function userName(value: string | undefined): string {
  return text(value).replace(/^@/, '');
}

function labelsOf({ labels }: Filters): string[] {
  return (labels ?? []).map((label) => label.trim()).filter((label) => label !== '');
}

function isUser(wanted: string | undefined, users: readonly (WireUser | { username: string })[]): boolean {
  const name = userName(wanted).toLowerCase();
  return name === '' || users.some((user) => user?.username.toLowerCase() === name);
}

function hasLabels(labels: readonly string[], wanted: readonly string[]): boolean {
  const [only = ''] = wanted;
  if (wanted.length === 1 && /^none$/i.test(only)) return labels.length === 0;
  if (wanted.length === 1 && /^any$/i.test(only)) return labels.length > 0;
  const has = new Set(labels.map((label) => label.toLowerCase()));
  return wanted.every((label) => has.has(label.toLowerCase()));
}

function isBranch(wanted: string | undefined, branch: string | null): boolean {
  return text(wanted) === '' || branch === text(wanted);
}

/** GitLab finds words wherever they stand, and leaves out short ones. */
function hasWords(search: string, where: string): boolean {
  const lower = where.toLowerCase();
  const words = search.toLowerCase().replace(/"/g, ' ').split(/\s+/);
  return words.every((word) => word.length < 3 || lower.includes(word));
}
