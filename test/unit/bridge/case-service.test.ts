import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeCaseService } from '../../support/bridge/case-service-suite';

describe('case service on SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soc-bridge-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  describeCaseService(() => `sqlite:${join(folder, 'cases.db')}`);
});
