import type { PackageFile } from '../../../operations/compliance/evidence-package';
import { generateSoxComplianceReport } from '../../../operations/compliance/generate-sox-compliance-report';
import { verifyPackage } from '../../../operations/compliance/verify';
import { runOperation } from '../../../operations/operation';
import { type Sandbox, startSandbox } from '../../../sandbox/src/sandbox';
import { memoryCases } from '../../support/memory-cases';
import { sandboxPorts } from '../../support/sandbox-ports';

/** The operation on the simulated tenant, over the wire. */
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({});
});
afterAll(() => sandbox?.close());

const day = (offset: number) => new Date(Date.parse(sandbox.baseTime) + offset * 86_400_000).toISOString().slice(0, 10);

async function made(input: object, broken: string[] = []) {
  const files: PackageFile[] = [];
  const ports = sandboxPorts(sandbox, memoryCases(), broken);
  // Two days on, so that the day which the stories lead up to is over, whatever time it is.
  const clock = ports.now;
  ports.now = () => new Date(clock().getTime() + 2 * 86_400_000);
  ports.packages = {
    maker: { program: 'test', version: '1', who: 'a test', zone_data: null },
    latest: async () => undefined,
    keep: async (_id, _hash, kept) => {
      files.push(...kept);
      return { where: 'a test' };
    },
  };
  const output = await runOperation(generateSoxComplianceReport, ports, {
    zone: 'Europe/Berlin',
    period: 'custom',
    first_day: day(-6),
    last_day: day(1),
    group: sandbox.gitlab.group,
    people_roles: ['platform-admin'],
    max_exceptions: 500,
    ...input,
  });
  const bytes = new Map(files.map(({ name, content }) => [name, new TextEncoder().encode(content)]));
  return { output, files, bytes, content: (name: string) => files.find((file) => file.name === name)?.content ?? '' };
}

test('a week of the tenant: the planted exceptions are found, counts agree, and the package verifies', async () => {
  const { output, bytes, files } = await made({});
  expect(output).toMatchObject({ status: 'COMPLETE', reasons: [], stored_in: 'a test' });
  expect(verifyPackage(bytes).flaws).toEqual([]);
  const kinds = new Set(output.exceptions.map(({ kind }) => kind));
  for (const kind of [
    'approved_by_author',
    'merged_without_approval',
    'merged_indirectly',
    'approved_before_last_change',
    'direct_push',
    'administrator_granted',
    'credential_for_another_user',
    'logging_changed',
    'after_hours_activity',
    'log_gap',
    'approval_settings_changed',
    'protected_branches_changed',
    'push_rules_changed',
    'deployment_without_merge_request',
  ])
    expect(kinds).toContain(kind);
  for (const { events, expected_events: expected } of output.populations)
    if (expected !== null) expect(events).toBe(expected);
  expect(output.files.map(({ name }) => name).sort()).toEqual(files.map(({ name }) => name).sort());
  expect(JSON.stringify(output).length).toBeLessThan(60_000);
});

test('GitLab away: change control is not tested, the lake is, and the package verifies all the same', async () => {
  const { output, bytes } = await made({ first_day: day(-1), last_day: day(-1), wait_seconds: 240 }, ['gitlab']);
  expect(output.status).toBe('INCOMPLETE');
  const states = Object.fromEntries(output.controls.map(({ control, state }) => [control, state]));
  expect(states).toMatchObject({
    access_privileged: 'tested',
    operations_log_gaps: 'tested',
    change_segregation_of_duties: 'not_tested',
    change_settings: 'not_tested',
  });
  expect(output.summary).toMatch(/^INCOMPLETE: /);
  expect(output.reasons.join(' ')).toContain('GitLab is not available');
  expect(verifyPackage(bytes).flaws).toEqual([]);
});

test('a table that is missing and a limit that cuts are each said, by name', async () => {
  const { output } = await made({ max_rows: 5, project: 'simulated-corp/shop/checkout', group: undefined });
  expect(output.status).toBe('INCOMPLETE');
  expect(output.populations.find(({ name }) => name === 'activity')).toMatchObject({ state: 'partial', rows: 5 });
  expect(output.reasons.join(' ')).toMatch(/aws_cloudtrail\.activity: cut after 5/);
});

test('what others could put into names does not reach the SQL as anything but a literal', async () => {
  const role = "x' OR 1=1; DROP TABLE y; --";
  const { output, content } = await made({
    people_roles: [role],
    first_day: day(-1),
    last_day: day(-1),
  });
  const manifest = JSON.parse(content('manifest.json')) as { queries: { id: string; text: string }[] };
  const { text } = manifest.queries.find(({ id }) => id === 'aws_cloudtrail.activity') ?? { text: '' };
  expect(text).toContain(`IN ('x'' OR 1=1; DROP TABLE y; --')`);
  expect(output.populations.find(({ name }) => name === 'activity')?.state).toBe('complete');
});

test('nothing to look at is not tested, and says so', async () => {
  const { output, bytes } = await made({ first_day: '2020-01-01', last_day: '2020-01-02' });
  expect(output.status).toBe('INCOMPLETE');
  expect(output.reasons.join(' ')).toContain('nothing of aws_cloudtrail was received in the whole period');
  expect(output.controls.find(({ control }) => control === 'access_root')).toMatchObject({
    state: 'not_tested',
    result: 'unknown',
  });
  expect(verifyPackage(bytes).flaws).toEqual([]);
});

test('no group, no project: change control is not tested', async () => {
  const ports = sandboxPorts(sandbox, memoryCases(), []);
  const connection = ports.connection;
  ports.connection = async (service) => ({ ...(await connection(service)), defaults: {} });
  const output = await runOperation(generateSoxComplianceReport, ports, { period: 'previous_day' });
  expect(output.stored_in).toBeNull();
  expect(output.how_to_get).toContain('SOC_COMPLIANCE_DIR');
  expect(output.controls.find(({ control }) => control === 'change_direct_push')?.why.join()).toContain(
    'give a group or a project',
  );
});
