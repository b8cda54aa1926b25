import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReportFolder } from '../../../bridge/src/report-folder';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soc-reports-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const id = 'INV-0123456789ABCDEF';

it('two writers of one report do not get into each other’s way', async () => {
  const reports = new ReportFolder(folder);
  const texts = Array.from({ length: 20 }, (_, index) => `# Report ${index}\n`);
  await Promise.all(texts.map((report_markdown) => reports.write({ id, report_markdown })));
  expect(readdirSync(folder)).toEqual([`${id}.md`]);
  expect(texts).toContain(readFileSync(join(folder, `${id}.md`), 'utf8'));
});

it.each(['../escape', 'INV-1/../../x', ''])('the id %j leads nowhere', async (bad) => {
  await expect(new ReportFolder(folder).write({ id: bad, report_markdown: 'x' })).rejects.toThrow('not a case id');
  expect(readdirSync(folder)).toEqual([]);
});
