import { investigateAlert } from '../../../operations/investigation/investigate-alert';
import { runOperation } from '../../../operations/operation';
import { type Sandbox, startSandbox } from '../../../sandbox/src/sandbox';
import { memoryCases } from '../../support/memory-cases';
import { sandboxPorts } from '../../support/sandbox-ports';

/** The hunt that the workflow starts every four hours: no alert, nothing named, everybody's sensitive calls. */
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({});
});
afterAll(() => sandbox?.close());

async function hunt(at: Date) {
  const cases = memoryCases();
  const ports = sandboxPorts(sandbox, cases);
  const alert = {
    id: `hunt-${at.toISOString()}`,
    source: 'schedule',
    severity: 'LOW',
    timestamp: at.toISOString(),
    title: 'Scheduled hunt over the last four hours',
    indicators: [],
  };
  return runOperation(investigateAlert, ports, { alert });
}

test('finds the intrusion that no alert named, and tells people', async () => {
  const result = await hunt(new Date(sandbox.baseTime));
  expect(result.coverage.filter((item) => item.source.startsWith('panther'))).toMatchObject([
    { label: 'hunt_activity', status: 'complete' },
  ]);
  expect(['true_positive', 'needs_review']).toContain(result.outcome);
  expect(result.escalation).not.toBeNull();
  expect(result.reason).toContain('tomas.becker');
});

test('ends quietly when nothing hostile happened', async () => {
  const result = await hunt(new Date(Date.parse(sandbox.baseTime) - 3 * 24 * 3_600_000));
  expect(result).toMatchObject({ outcome: 'false_positive', status: 'closed', escalation: null });
});
