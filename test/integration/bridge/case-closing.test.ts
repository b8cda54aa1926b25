import { closingSuite } from '../../support/bridge/closing-suite';
import { createScratchDatabase, postgresProblem } from '../../support/bridge/scratch-postgres';

describe('closing a case in Slack, on SQLite', () => {
  closingSuite(async () => ({ url: undefined, drop: async () => {} }));
});

const problem = postgresProblem();
(problem === undefined ? describe : describe.skip)(
  `closing a case in Slack, on PostgreSQL${problem === undefined ? '' : ` (${problem})`}`,
  () => {
    closingSuite(createScratchDatabase);
  },
);
