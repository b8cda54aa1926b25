import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describePaging } from '../../support/bridge/paging-suite';

describe('long results in pages on SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soc-bridge-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  describePaging(() => `sqlite:${join(folder, 'pages.db')}`);
});
