import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeApprovalStore } from '../../support/bridge/approval-suite';

describe('approvals on SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soc-approvals-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  describeApprovalStore(() => `sqlite:${join(folder, 'cases.db')}`);
});
