/** A point of the ledgers by what it is in every case alike: without the id of the case and the timestamps of its messages. */
export function crashPointName(caseId: string, name: string): string {
  return name.replaceAll(caseId, '').replace(/\d{10}\.\d{6}/g, 'TIMESTAMP');
}
