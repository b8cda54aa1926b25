import { describeCaseService } from '../../support/bridge/case-service-suite';
import { createScratchDatabase, postgresProblem } from '../../support/bridge/scratch-postgres';

const problem = postgresProblem();

if (problem !== undefined) {
  it.skip(`case service on PostgreSQL: ${problem}`, () => {});
} else {
  describe('case service on PostgreSQL', () => {
    let scratch: Awaited<ReturnType<typeof createScratchDatabase>>;
    beforeAll(async () => {
      scratch = await createScratchDatabase();
    });
    afterAll(() => scratch?.drop());
    describeCaseService(() => scratch.url);
  });
}
