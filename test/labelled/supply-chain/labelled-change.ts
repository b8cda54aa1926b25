import type { SignalId } from '../../../operations/gitlab/supply-chain/finding';
import type { ChangeFacts } from '../../../operations/gitlab/supply-chain/signals-of-people';

/**
 * One change with what is known about it. The whole set is ours and simulated: attacks are modelled on what public reports say of
 * incidents, names of well-known packages are real, and everything else (hosts, people, checksums, versions) is made up.
 *
 * A signal that `must` fire is true of the change, whether it is an attack or not: an ordinary change may well add a
 * dependency or an install script. What `may` fire is a matter of taste and counts neither way. Every other signal must not.
 */
export interface LabelledChange {
  id: string;
  ecosystem: string;
  /** The incident an attack is modelled on, or the everyday work. */
  about: string;
  label: 'attack' | 'ordinary';
  /** Paths with their text before and after; undefined where there is no such file. */
  files: { path: string; before?: string; after?: string }[];
  facts: ChangeFacts;
  must: SignalId[];
  may: SignalId[];
}

/** Merged on a Tuesday morning, with the approval of a colleague. */
const usual: ChangeFacts = {
  author: 'mira.okafor',
  mergedBy: 'jonas.lindqvist',
  mergedAt: '2026-03-10T10:00:00Z',
  isFirstContribution: false,
  isFromFork: false,
  approvalsByOthers: 1,
  isBot: false,
};

export const bot: Partial<ChangeFacts> = { author: 'renovate-bot', isBot: true };
export const newcomer: Partial<ChangeFacts> = { author: 'sam.newcomer', isFirstContribution: true };
export const stranger: Partial<ChangeFacts> = { ...newcomer, isFromFork: true };
export const unapproved: Partial<ChangeFacts> = { mergedBy: 'mira.okafor', approvalsByOthers: 0 };
/** A Saturday night, without approval. */
export const atNight: Partial<ChangeFacts> = { ...unapproved, mergedAt: '2026-03-14T23:40:00Z' };

type Files = Record<string, readonly [before: string | undefined, after: string | undefined]>;

interface Labels {
  must?: SignalId[];
  may?: SignalId[];
  facts?: Partial<ChangeFacts>;
}

function change(
  label: LabelledChange['label'],
  id: string,
  ecosystem: string,
  about: string,
  files: Files,
  { must = [], may = [], facts = {} }: Labels,
): LabelledChange {
  const all = { ...usual, ...facts };
  // Signals about people follow from the facts above alone.
  const people: SignalId[] = [
    ...(all.isFirstContribution ? (['first_contribution'] as const) : []),
    ...(all.isFromFork ? (['from_fork'] as const) : []),
    ...(all.approvalsByOthers === 0 ? (['missing_approval'] as const) : []),
    ...(all.mergedAt?.startsWith('2026-03-14') ? (['out_of_hours'] as const) : []),
  ];
  return {
    id,
    ecosystem,
    about,
    label,
    files: Object.entries(files).map(([path, [before, after]]) => ({ path, before, after })),
    facts: all,
    must: [...must, ...people],
    may,
  };
}

type Define = (id: string, ecosystem: string, about: string, files: Files, labels?: Labels) => LabelledChange;

export const attack: Define = (id, ecosystem, about, files, labels = {}) =>
  change('attack', id, ecosystem, about, files, labels);
export const ordinary: Define = (id, ecosystem, about, files, labels = {}) =>
  change('ordinary', id, ecosystem, about, files, labels);
