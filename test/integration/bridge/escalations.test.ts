import { escalationSuite } from '../../support/bridge/escalation-suite';
import { createScratchDatabase, postgresProblem } from '../../support/bridge/scratch-postgres';

describe('on SQLite', () => {
  escalationSuite(async () => ({ url: undefined, drop: async () => {} }));
});

const problem = postgresProblem();
(problem === undefined ? describe : describe.skip)(
  `on PostgreSQL${problem === undefined ? '' : ` (${problem})`}`,
  () => {
    escalationSuite(createScratchDatabase);
  },
);
