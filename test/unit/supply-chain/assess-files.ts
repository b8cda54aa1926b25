import { type Assessment, assessChange, type ChangedFile } from '../../../operations/gitlab/supply-chain/assess-change';
import { workingHours } from '../../labelled/supply-chain/evaluate';

const facts = {
  author: 'mira.okafor',
  mergedBy: null,
  mergedAt: null,
  isFirstContribution: null,
  isFromFork: null,
  approvalsByOthers: null,
  isBot: false,
};

/** An assessment of files by a person of whom nothing is known; every line of the text after counts as added. */
export function assess(...files: (Partial<ChangedFile> & { path: string })[]): Assessment {
  return assessChange(
    files.map((file) => ({
      before: undefined,
      after: undefined,
      added: (file.after ?? '').split('\n').map((text, index) => ({ number: index + 1, text })),
      ...file,
    })),
    facts,
    workingHours,
  );
}
