import type { ServerResponse } from 'node:http';
import { NotFoundOrNoAccessError } from '../../../operations/errors';
import type { DocumentFormat } from '../../../operations/investigation/exports/case-document';
import { caseDocument } from '../case-documents';
import type { CaseStore } from '../store/case-store';
import { answer, answerJson } from './exchange';

const formatOfEnding: Record<string, DocumentFormat> = {
  '': 'markdown',
  '.md': 'markdown',
  '.html': 'html',
  '.json': 'json',
  '.stix.json': 'stix',
  '.ocsf.json': 'ocsf',
};
const casePath = /^\/cases\/([A-Za-z0-9-]{1,64})(?:\/report((?:\.stix|\.ocsf)?\.json|\.md|\.html)?|(\/?))$/;

export interface CasePage {
  id: string;
  /** Null for the stored record. */
  format: DocumentFormat | null;
}

/** What a path under `/cases` asks for; undefined for any other path. */
export function casePageAt(path: string): CasePage | undefined {
  const match = casePath.exec(path);
  if (match?.[1] === undefined) return undefined;
  return { id: match[1], format: match[3] === undefined ? (formatOfEnding[match[2] ?? ''] ?? null) : null };
}

/**
 * `GET /cases/<id>`: the stored record. `GET /cases/<id>/report`: the stored report as Markdown; with `.html`, `.json`,
 * `.stix.json` or `.ocsf.json` the case as it stands in that format. Throws NotFoundOrNoAccessError.
 */
export async function answerCase(store: CaseStore, response: ServerResponse, { id, format }: CasePage): Promise<void> {
  const record = await store.get(id);
  if (record === undefined) throw new NotFoundOrNoAccessError('The case store', `case ${id}`);
  if (format === null) {
    answerJson(response, 200, record);
    return;
  }
  if (format === 'markdown' && record.report_markdown === null) {
    throw new NotFoundOrNoAccessError('The case store', `report of case ${id}`, `The case is ${record.status}.`);
  }
  const document = await caseDocument(store, id, format);
  if (document === undefined) throw new NotFoundOrNoAccessError('The case store', `case ${id}`);
  answer(response, 200, document.mediaType, document.content, {
    // The page carries the same policy in itself, for when it is a file.
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
    'content-disposition': `inline; filename="${document.fileName}"`,
  });
}
