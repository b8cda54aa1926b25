import { randomUUID } from 'node:crypto';
import { access, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaseRecord } from '../../operations/cases';
import type { CaseStore } from './store/case-store';

/** Keeps each case's report as `<case id>.md`; the case store stays the source. */
export class ReportFolder {
  constructor(private readonly folder: string) {}

  /** Throws the system's error when the folder cannot be made. */
  async prepare(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
  }

  /** Writes aside and renames, so that nobody reads half a report. Two writers of one report each have a file aside. */
  async write(record: Pick<CaseRecord, 'id' | 'report_markdown'>): Promise<void> {
    if (record.report_markdown === null) return;
    const path = this.pathOf(record.id);
    const aside = `${path}.${randomUUID()}.tmp`;
    await writeFile(aside, record.report_markdown);
    await rename(aside, path);
  }

  /** Writes the reports that a crash kept from being written: of the newest 1000 cases. */
  async catchUp(store: CaseStore): Promise<void> {
    for (const row of await store.list({ limit: 1000 })) {
      if (row.report_markdown === null) continue;
      const present = await access(this.pathOf(row.id)).then(
        () => true,
        () => false,
      );
      if (!present) await this.write(row);
    }
  }

  /** An id that comes from a caller must not lead out of the folder. */
  private pathOf(caseId: string): string {
    if (!/^INV-[0-9A-Z]+$/.test(caseId)) throw new Error(`not a case id: ${JSON.stringify(caseId.slice(0, 64))}`);
    return join(this.folder, `${caseId}.md`);
  }
}
