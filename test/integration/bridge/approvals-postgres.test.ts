import { describeApprovalStore } from '../../support/bridge/approval-suite';
import { createScratchDatabase, postgresProblem } from '../../support/bridge/scratch-postgres';

const problem = postgresProblem();

if (problem !== undefined) {
  it.skip(`approvals on PostgreSQL: ${problem}`, () => {});
} else {
  describe('approvals on PostgreSQL', () => {
    let scratch: Awaited<ReturnType<typeof createScratchDatabase>>;
    beforeAll(async () => {
      scratch = await createScratchDatabase();
    });
    afterAll(() => scratch?.drop());
    describeApprovalStore(() => scratch.url);
  });
}
