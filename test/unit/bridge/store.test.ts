import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeStore } from '../../support/bridge/store-suite';

describe('case store on SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soc-bridge-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  describeStore(() => `sqlite:${join(folder, 'cases.db')}`);
});
