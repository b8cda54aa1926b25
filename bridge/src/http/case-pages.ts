import type { ServerResponse } from 'node:http';
import { NotFoundOrNoAccessError } from '../../../operations/errors';
import type { CaseStore } from '../store/case-store';
import { answer, answerJson } from './exchange';

/** `GET /cases/<id>`: the stored record. `GET /cases/<id>/report`: its report as Markdown. Throws NotFoundOrNoAccessError. */
export async function answerCase(
  store: CaseStore,
  response: ServerResponse,
  id: string,
  part: 'record' | 'report',
): Promise<void> {
  const record = await store.get(id);
  if (record === undefined) throw new NotFoundOrNoAccessError('The case store', `case ${id}`);
  if (part === 'record') {
    answerJson(response, 200, record);
    return;
  }
  if (record.report_markdown === null) {
    throw new NotFoundOrNoAccessError('The case store', `report of case ${id}`, `The case is ${record.status}.`);
  }
  answer(response, 200, 'text/markdown; charset=utf-8', record.report_markdown);
}
