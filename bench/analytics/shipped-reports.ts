import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/stack/paths.mjs';
import { alike, type Report, signatureOf } from './attack-data';

/** Signatures of the reports that the shipped model was trained on; written by bench/train-progression.mjs. */
export function trainedSignatures(): readonly string[] {
  const text = readFileSync(join(root, 'bench/analytics/trained-reports.txt'), 'utf8');
  return text.split('\n').filter((line) => line !== '');
}

/** Splits reports by whether the shipped model has seen the same set of techniques, or nearly the same. */
export function bySight(reports: readonly Report[], trained: readonly string[]): { seen: Report[]; unseen: Report[] } {
  const seen: Report[] = [];
  const unseen: Report[] = [];
  for (const report of reports) {
    const own = signatureOf(report);
    (trained.some((signature) => alike(signature, own)) ? seen : unseen).push(report);
  }
  return { seen, unseen };
}
