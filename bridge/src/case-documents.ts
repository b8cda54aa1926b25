import {
  type CaseDocument,
  type DocumentFormat,
  documentOf,
} from '../../operations/investigation/exports/case-document';
import { predictedTechniques } from '../../operations/investigation/exports/predicted-techniques';
import type { CaseStore } from './store/case-store';

/** A stored case as a file; undefined where there is no such case. */
export async function caseDocument(
  store: CaseStore,
  caseId: string,
  format: DocumentFormat,
): Promise<CaseDocument | undefined> {
  const record = await store.get(caseId);
  if (record === undefined) return undefined;
  return documentOf({ record, history: await store.history(caseId), predicted: predictedTechniques(record) }, format);
}
