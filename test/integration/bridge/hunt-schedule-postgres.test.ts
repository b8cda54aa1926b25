import { describeHunts } from '../../support/bridge/hunt-suite';
import { createScratchDatabase, postgresProblem } from '../../support/bridge/scratch-postgres';

const problem = postgresProblem();

if (problem !== undefined) {
  it.skip(`hunts on schedule, on PostgreSQL: ${problem}`, () => {});
} else {
  describe('hunts on schedule, on PostgreSQL', () => {
    let scratch: Awaited<ReturnType<typeof createScratchDatabase>>;
    beforeAll(async () => {
      scratch = await createScratchDatabase();
    });
    afterAll(() => scratch?.drop());
    describeHunts(() => scratch.url);
  });
}
