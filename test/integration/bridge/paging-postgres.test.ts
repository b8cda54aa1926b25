import { describePaging } from '../../support/bridge/paging-suite';
import { createScratchDatabase, postgresProblem } from '../../support/bridge/scratch-postgres';

const problem = postgresProblem();

if (problem !== undefined) {
  it.skip(`long results in pages on PostgreSQL: ${problem}`, () => {});
} else {
  describe('long results in pages on PostgreSQL', () => {
    let scratch: Awaited<ReturnType<typeof createScratchDatabase>>;
    beforeAll(async () => {
      scratch = await createScratchDatabase();
    });
    afterAll(() => scratch?.drop());
    describePaging(() => scratch.url);
  });
}
