import { noteOnCase } from '../../../bridge/src/approvals/case-note';
import type { CaseRecord } from '../../../operations/cases';
import { OperationError } from '../../../operations/errors';
import { closeCase } from '../../../operations/investigation/close-case';
import { generateIncidentReport } from '../../../operations/investigation/generate-incident-report';
import { runOperation } from '../../../operations/operation';
import { type Ports, portsWith } from '../../../operations/ports';
import { executeAutomatedResponse } from '../../../operations/response/execute-automated-response';
import { planResponse } from '../../../operations/response/plan-response';
import { proposeContainment } from '../../../operations/response/propose-containment';
import { rollbackResponse } from '../../../operations/response/rollback-response';
import { requestAnalystApproval } from '../../../operations/slack/request-analyst-approval';
import { createIam } from '../../../sandbox/src/aws/iam';
import { type RunningService, startService } from '../../../sandbox/src/service';
import { type ApprovalRig, people, startApprovalRig } from '../../support/bridge/approval-rig';
import { account, call } from '../../support/cloud-rows';
import { sampleRecord } from '../../support/sample-record';

/** A true positive from its proposal to the closed case, on the real store, with signed clicks and the simulated IAM. */

const accessKeyId = 'AKIASIMULATEDSOCRSP1';
const secretAccessKey = 'simulated-secret';
const iam = createIam({ accessKeyId, secretAccessKey, clock: () => new Date() });
let service: RunningService;
let rig: ApprovalRig;

beforeAll(async () => {
  rig = await startApprovalRig();
  service = await startService('iam', 0, iam.handler, rig.faults);
  await rig.restart({
    RESPONSE_ENABLED: 'true',
    RESPONSE_PROTECTED: 'break-glass',
    RESPONSE_MAX_PER_HOUR: '50',
    RESPONSE_AWS_ACCESS_KEY_ID: accessKeyId,
    RESPONSE_AWS_SECRET_ACCESS_KEY: secretAccessKey,
    RESPONSE_AWS_IAM_ENDPOINT: service.url,
  });
});
afterAll(async () => {
  await rig?.stop();
  await service?.close();
});
beforeEach(() => iam.reset());

const ports = () => rig.bridge.host.ports({ signal: new AbortController().signal });
const store = () => {
  const { cases } = ports();
  if (cases === undefined) throw new Error('no case store');
  return cases;
};
const by = (name: string) => ({ actor_arn: `arn:aws:iam::${account}:user/${name}`, actor_name: name });
let count = 0;

/** A true positive whose people were told, with its report: as the investigation leaves it. */
async function truePositive(...names: string[]): Promise<string> {
  count += 1;
  const rows = names.map((name) => call('cloudtrail', 'StopLogging', { name: 't' }, by(name)));
  const { alert, title, outcome, evidence, coverage, findings, escalation } = sampleRecord({ id: `C-${count}` }, rows);
  const key = `containment-${count}`;
  const { record } = await store().open({ dedup_key: key, alert, title, severity: 'HIGH' });
  await store().change(
    record.id,
    { status: 'investigating', outcome, evidence, coverage, findings, escalation },
    { type: 'evidence_correlated', summary: 'Correlated' },
  );
  await runOperation(generateIncidentReport, ports(), { case_id: record.id });
  expect(await close(record.id)).toMatchObject({ status: 'responding' });
  return record.id;
}

const close = (case_id: string) => runOperation(closeCase, ports(), { case_id, resolution: 'Simulated.' });
const plan = (case_id: string, target = 'tomas.becker') =>
  runOperation(planResponse, ports(), { case_id, action: 'isolate_user', target });
const execute = (response_id: string, approval_id: string, on: Ports = ports()) =>
  runOperation(executeAutomatedResponse, on, { response_id, approval_id, dry_run: false });
const ask = (request: Awaited<ReturnType<typeof plan>>['approval_request']) =>
  runOperation(requestAnalystApproval, ports(), { ...request, wait_seconds: 0 });
const changes = () =>
  iam.requests.filter((request) => /^(Put|Update|Delete)/.test((request as { action: string }).action)).length;
const statusOf = async (id: string) => (await store().get(id))?.status;

async function until(id: string, status: CaseRecord['status']): Promise<void> {
  for (let tries = 0; (await statusOf(id)) !== status; tries += 1) {
    if (tries > 200) throw new Error(`the case is ${await statusOf(id)}, not ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The modal opens a moment after the click. */
async function giveReason(user: string, reason: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await rig.slack.interactions.submit(user, { reason });
      return;
    } catch (error) {
      if (tries > 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function refused(work: Promise<unknown>): Promise<OperationError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof OperationError)) throw new Error(`not refused: ${String(error)}`);
  return error;
}

it('is closed without a person once everybody is contained, with the containment in its report', async () => {
  const id = await truePositive('tomas.becker');
  const { targets } = await runOperation(proposeContainment, ports(), { case_id: id });
  expect(targets).toMatchObject([{ case_id: id, action: 'isolate_user', system: 'aws_iam', target: 'tomas.becker' }]);
  const planned = await plan(id);
  const asked = await ask(planned.approval_request);
  await until(id, 'awaiting_approval');
  expect(await close(id)).toMatchObject({ status: 'awaiting_approval', closed_at: null });
  await rig.click(people.eva, 'approve', asked);
  await rig.settled(asked.approval_id);
  expect(await execute(planned.response_id, asked.approval_id)).toMatchObject({ status: 'verified' });
  const { report_markdown } = await runOperation(generateIncidentReport, ports(), { case_id: id });
  expect(report_markdown).toContain('## Containment');
  expect(report_markdown).toContain(planned.response_id);
  const closed = await close(id);
  expect(closed).toMatchObject({ status: 'closed', closed_at: expect.any(String) });
  const last = (await store().history(id)).at(-1);
  expect(last).toMatchObject({ type: 'closed', summary: expect.stringContaining(planned.response_id) });
  expect(last?.summary).toContain('Simulated.');
});

it('asks, changes and closes nothing a second time', async () => {
  const id = await truePositive('tomas.becker');
  const planned = await plan(id);
  const asked = await ask(planned.approval_request);
  expect(await ask((await plan(id)).approval_request)).toMatchObject({
    created: false,
    approval_id: asked.approval_id,
    status: 'pending',
  });
  await rig.click(people.eva, 'approve', asked);
  await rig.settled(asked.approval_id);
  await execute(planned.response_id, asked.approval_id);
  await runOperation(generateIncidentReport, ports(), { case_id: id });
  const first = await close(id);
  await until(id, 'closed');
  const before = { changes: changes(), version: (await store().get(id))?.version };
  const again = await plan(id);
  expect(again).toMatchObject({ response_id: planned.response_id, status: 'verified' });
  await execute(again.response_id, asked.approval_id);
  await runOperation(generateIncidentReport, ports(), { case_id: id });
  expect(await close(id)).toEqual(first);
  expect({ changes: changes(), version: (await store().get(id))?.version }).toEqual(before);
});

it('is planned anew when somebody undid what was done', async () => {
  const id = await truePositive('tomas.becker');
  const planned = await plan(id);
  const asked = await ask(planned.approval_request);
  await rig.click(people.eva, 'approve', asked);
  await rig.settled(asked.approval_id);
  await execute(planned.response_id, asked.approval_id);
  await (await ports().responses?.iam())?.deleteInlinePolicy('user', 'tomas.becker', 'SocDenyAll');
  expect((await plan(id)).response_id).not.toBe(planned.response_id);
});

it('stays open while one of two is free, and after a containment was taken back', async () => {
  const id = await truePositive('tomas.becker', 'svc-backup-legacy');
  const contain = async (target: string) => {
    const planned = await plan(id, target);
    const asked = await ask(planned.approval_request);
    await rig.click(people.eva, 'approve', asked);
    await rig.settled(asked.approval_id);
    await execute(planned.response_id, asked.approval_id);
    return planned;
  };
  const first = await contain('tomas.becker');
  const half = await close(id);
  expect(half.status).toBe('responding');
  expect(half.statement).toContain('svc-backup-legacy (aws_iam) is not contained');
  await contain('svc-backup-legacy');
  const back = await runOperation(rollbackResponse, ports(), { response_id: first.response_id });
  const { idempotency_key, ...request } = back.approval_request;
  const asked = await runOperation(requestAnalystApproval, ports(), { ...request, wait_seconds: 0 });
  await rig.click(people.rafael, 'approve', asked);
  await rig.settled(asked.approval_id);
  await runOperation(rollbackResponse, ports(), {
    response_id: first.response_id,
    approval_id: asked.approval_id,
    dry_run: false,
  });
  expect((await close(id)).status).not.toBe('closed');
});

it('waits for a person after a denial, with IAM as it was', async () => {
  const id = await truePositive('tomas.becker');
  const before = JSON.stringify(iam.view());
  const planned = await plan(id);
  const asked = await ask(planned.approval_request);
  await until(id, 'awaiting_approval');
  await rig.click(people.eva, 'deny', asked);
  await giveReason(people.eva, 'She is on call');
  await rig.settled(asked.approval_id);
  await until(id, 'needs_review');
  expect((await refused(execute(planned.response_id, asked.approval_id))).code).toBe('conflict');
  expect(await close(id)).toMatchObject({ status: 'needs_review' });
  expect(JSON.stringify(iam.view())).toBe(before);
  expect(changes()).toBe(0);
  // The same plan is asked about once: a second run gets the same no.
  expect(await ask((await plan(id)).approval_request)).toMatchObject({ created: false, status: 'denied' });
});

it('waits for a person after a denial also where another question, asked before it, is noted after it', async () => {
  const id = await truePositive('tomas.becker');
  const asked = await ask((await plan(id)).approval_request);
  await until(id, 'awaiting_approval');
  await rig.click(people.eva, 'deny', asked);
  await giveReason(people.eva, 'She is on call');
  await rig.settled(asked.approval_id);
  await until(id, 'needs_review');
  const { created: _, ...record } = asked;
  const another = { ...record, approval_id: 'APR-SIMULATED2', status: 'pending' as const };
  await noteOnCase(ports(), another, 'asked');
  expect(await statusOf(id)).toBe('needs_review');
  // Asked anew, with the denial known: people are waited for again.
  const later = new Date(Date.now() + 60_000).toISOString();
  await noteOnCase(ports(), { ...another, approval_id: 'APR-SIMULATED3', created_at: later }, 'asked');
  expect(await statusOf(id)).toBe('awaiting_approval');
});

it('says so on the case when the brake stops an approved response, and goes on after it is released', async () => {
  const id = await truePositive('tomas.becker');
  const planned = await plan(id);
  const asked = await ask(planned.approval_request);
  await rig.click(people.eva, 'approve', asked);
  await rig.settled(asked.approval_id);
  const brake = rig.bridge.host.responses?.store;
  await brake?.halt('A person said stop');
  await refused(execute(planned.response_id, asked.approval_id));
  expect(changes()).toBe(0);
  expect(await store().get(id)).toMatchObject({ status: 'needs_review' });
  expect((await store().history(id)).filter(({ type }) => type === 'response_stopped')).toMatchObject([
    { summary: expect.stringContaining('A person said stop') },
  ]);
  // A question about another target that was asked before, and is noted only now.
  const { created: _, ...record } = asked;
  await noteOnCase(ports(), { ...record, approval_id: 'APR-SIMULATED4', status: 'pending' }, 'asked');
  expect(await statusOf(id)).toBe('needs_review');
  await brake?.halt(null);
  expect(await execute(planned.response_id, asked.approval_id)).toMatchObject({ status: 'verified' });
  expect((await close(id)).status).toBe('closed');
});

it('is stopped by the brake between two steps, and goes on from there', async () => {
  const id = await truePositive('tomas.becker');
  const planned = await plan(id);
  const asked = await ask(planned.approval_request);
  await rig.click(people.eva, 'approve', asked);
  await rig.settled(asked.approval_id);
  const act = ports();
  const { responses } = act;
  const brake = rig.bridge.host.responses?.store;
  if (responses === undefined || brake === undefined) throw new Error('no responses');
  const real = await responses.iam();
  const pulling = Object.assign(Object.create(Object.getPrototypeOf(real) as object), real, {
    putInlinePolicy: async (...given: Parameters<typeof real.putInlinePolicy>) => {
      await real.putInlinePolicy(...given);
      await brake.halt('Stopped in the middle');
    },
  });
  const error = await refused(
    execute(
      planned.response_id,
      asked.approval_id,
      portsWith(act, { responses: { ...responses, iam: async () => pulling } }),
    ),
  );
  expect(error).toMatchObject({ code: 'conflict' });
  expect(changes()).toBe(1);
  await brake.halt(null);
  const done = await execute(planned.response_id, asked.approval_id);
  expect(done.status).toBe('verified');
  expect(changes()).toBe(3);
});

it('nobody is proposed in a case that is no true positive', async () => {
  const id = await truePositive('tomas.becker');
  await store().change(id, { outcome: 'needs_review' }, { type: 'second_opinion', summary: 'Raised' });
  expect((await refused(runOperation(proposeContainment, ports(), { case_id: id }))).code).toBe('conflict');
});
