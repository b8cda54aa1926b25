import { createScratchDatabase, postgresProblem } from '../../support/bridge/scratch-postgres';
import { describeStore } from '../../support/bridge/store-suite';

const problem = postgresProblem();

if (problem !== undefined) {
  it.skip(`case store on PostgreSQL: ${problem}`, () => {});
} else {
  describe('case store on PostgreSQL', () => {
    let scratch: Awaited<ReturnType<typeof createScratchDatabase>>;
    beforeAll(async () => {
      scratch = await createScratchDatabase();
    });
    afterAll(() => scratch?.drop());
    describeStore(() => scratch.url);
  });
}
