import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeHunts } from '../../support/bridge/hunt-suite';

describe('hunts on schedule, on SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soc-hunts-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  describeHunts(() => `sqlite:${join(folder, 'hunts.db')}`);
});
