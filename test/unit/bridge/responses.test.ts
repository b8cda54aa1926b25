import { OperationError } from '../../../operations/errors';
import type { ObservedTarget } from '../../../operations/investigation/observed-targets';
import { runOperation } from '../../../operations/operation';
import { portsWith } from '../../../operations/ports';
import { executeAutomatedResponse } from '../../../operations/response/execute-automated-response';
import { planResponse } from '../../../operations/response/plan-response';
import type { ResponseChange } from '../../../operations/response/response-port';
import { rollbackResponse } from '../../../operations/response/rollback-response';
import { verifyResponse } from '../../../operations/response/verify-response';
import { createIam } from '../../../sandbox/src/aws/iam';
import { createGitLab } from '../../../sandbox/src/gitlab/server';
import { createOkta } from '../../../sandbox/src/okta/server';
import { type RunningService, startService } from '../../../sandbox/src/service';
import { type ApprovalRig, people, startApprovalRig } from '../../support/bridge/approval-rig';
import { sampleRecord } from '../../support/sample-record';

/**
 * Containment against the simulated IAM, GitLab and Okta, over the wire, with approvals that people give by signed clicks in the
 * simulated Slack.
 */

const secret = 'simulated-secret';
const now = new Date();
const iam = createIam({ accessKeyId: 'AKIASIMULATEDSOCRSP1', secretAccessKey: secret, clock: () => new Date() });
const okta = createOkta({ token: 'simulated-okta-token', clock: () => now });
const gitlab = createGitLab({
  seed: 1,
  baseTime: now,
  token: 'simulated-gitlab-token',
  settings: { tokenRole: 'admin', tokenScope: 'api' },
});
let services: RunningService[];
let rig: ApprovalRig;
let environment: Record<string, string>;

const observed = (kind: ObservedTarget['kind'], name: string, over: Partial<ObservedTarget> = {}): ObservedTarget => ({
  kind,
  name,
  account: '111122223333',
  relation: 'acted',
  owner: null,
  query_id: 'query-1',
  ...over,
});

beforeAll(async () => {
  rig = await startApprovalRig();
  services = await Promise.all(
    [iam.handler, okta.handler, gitlab.handler].map((handler, index) =>
      startService(['iam', 'okta', 'gitlab'][index] as string, 0, handler, rig.faults),
    ),
  );
  const [iamUrl, oktaUrl, gitlabUrl] = services.map(({ url }) => url) as [string, string, string];
  environment = {
    RESPONSE_ENABLED: 'true',
    RESPONSE_PROTECTED: 'break-glass, arn:aws:iam::*:user/kwame.*, priya.nair',
    RESPONSE_MAX_PER_HOUR: '50',
    RESPONSE_AWS_ACCESS_KEY_ID: 'AKIASIMULATEDSOCRSP1',
    RESPONSE_AWS_SECRET_ACCESS_KEY: secret,
    RESPONSE_AWS_IAM_ENDPOINT: iamUrl,
    OKTA_URL: oktaUrl,
    OKTA_API_TOKEN: 'simulated-okta-token',
    GITLAB_URL: gitlabUrl,
    GITLAB_TOKEN: 'simulated-gitlab-token',
  };
  await rig.restart(environment);
});
afterAll(async () => {
  await rig?.stop();
  await Promise.all((services ?? []).map((service) => service.close()));
});
beforeEach(() => {
  iam.reset();
  okta.reset();
  rig.faults.clear();
});

const ports = () => rig.bridge.host.ports({ signal: new AbortController().signal });
let cases = 0;

/** A case in the store whose queries returned these. */
async function caseWith(...targets: ObservedTarget[]): Promise<string> {
  cases += 1;
  const sample = sampleRecord({ id: `A-${cases}` });
  const store = ports().cases;
  if (store === undefined || sample.findings === null) throw new Error('no case store');
  const { record } = await store.open({
    dedup_key: `responses-${cases}`,
    alert: sample.alert,
    title: sample.title,
    severity: 'HIGH',
  });
  await store.change(
    record.id,
    { status: 'investigating', outcome: 'true_positive', findings: { ...sample.findings, observed: targets } },
    { type: 'evidence_correlated', summary: 'Correlated' },
  );
  return record.id;
}

const tomas = () => caseWith(observed('user', 'tomas.becker'));
const plan = (case_id: string, target = 'tomas.becker', over: object = {}) =>
  runOperation(planResponse, ports(), { case_id, action: 'isolate_user', target, ...over });
const execute = (response_id: string, approval_id?: string, dry_run = false) =>
  runOperation(executeAutomatedResponse, ports(), { response_id, dry_run, ...(approval_id ? { approval_id } : {}) });
const rollback = (response_id: string, approval_id?: string, dry_run = false) =>
  runOperation(rollbackResponse, ports(), { response_id, dry_run, ...(approval_id ? { approval_id } : {}) });

/** Asks with what an operation gave for it, and lets a listed person click. */
async function approved(
  request: { action: string; target: string; title: string; arguments: Record<string, unknown>; case_id: string },
  click: 'approve' | 'deny' | 'none' = 'approve',
): Promise<string> {
  const { action: name, ...rest } = request;
  const asked = await rig.ask({
    action: { name, target: rest.target, title: rest.title, arguments: rest.arguments },
    case_id: rest.case_id,
  });
  if (click === 'approve') {
    await rig.click(people.eva, 'approve', asked);
    await rig.settled(asked.approval_id);
  }
  return asked.approval_id;
}

const userNow = (name: string) => iam.view().users.find((user) => user.name === name);
const snapshot = () => JSON.stringify(iam.view());
const refused = async (work: Promise<unknown>): Promise<OperationError> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof OperationError)) throw new Error(`not refused: ${String(error)}`);
  return error;
};

describe('isolating an IAM user', () => {
  it('goes from plan over approval to verified, and exactly back', async () => {
    const before = snapshot();
    const planned = await plan(await tomas());
    expect(planned).toMatchObject({
      status: 'planned',
      enabled: true,
      target: 'arn:aws:iam::111122223333:user/tomas.becker',
    });
    expect(planned.steps.map(({ call }) => call)).toEqual([
      'iam:PutUserPolicy',
      'iam:PutUserPolicy',
      'iam:UpdateAccessKey',
    ]);
    expect(snapshot()).toBe(before);

    const dry = await execute(planned.response_id, undefined, true);
    expect(dry).toMatchObject({ dry_run: true, status: 'planned' });
    expect(snapshot()).toBe(before);

    const done = await execute(planned.response_id, await approved(planned.approval_request));
    expect(done).toMatchObject({ status: 'verified' });
    expect(done.steps.every(({ state }) => state === 'verified')).toBe(true);
    const user = userNow('tomas.becker');
    expect(JSON.parse(user?.policies.SocDenyAll ?? '{}')).toMatchObject({
      Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }],
    });
    expect(user?.policies.SocRevokeOlderSessions).toContain('aws:TokenIssueTime');
    expect(user?.keys).toEqual({ AKIASIMULATEDTOMAS01: 'Inactive' });

    expect(await runOperation(verifyResponse, ports(), { response_id: planned.response_id })).toMatchObject({
      status: 'verified',
    });
    const asked = await rollback(planned.response_id, undefined, true);
    const back = await rollback(planned.response_id, await approved(asked.approval_request));
    expect(back.status).toBe('rolled_back');
    expect(snapshot()).toBe(before);

    const events = (await ports().cases?.history(planned.case_id))?.map(({ type }) => type);
    expect(events).toEqual(
      expect.arrayContaining(['response_planned', 'response_executed', 'response_verified', 'response_rolled_back']),
    );
  });

  it('plans the same once, and changes nothing a second time', async () => {
    const case_id = await tomas();
    const first = await plan(case_id);
    expect((await plan(case_id)).response_id).toBe(first.response_id);
    const approval = await approved(first.approval_request);
    await execute(first.response_id, approval);
    const calls = iam.requests.length;
    expect((await execute(first.response_id, approval)).statement).toContain('carried out already');
    expect(iam.requests.length).toBe(calls);
  });

  it('says unchanged for what was so before, and leaves it in a rollback', async () => {
    const first = await plan(await tomas());
    await execute(first.response_id, await approved(first.approval_request));
    const second = await plan(await tomas());
    const done = await execute(second.response_id, await approved(second.approval_request));
    expect(done.steps[0]?.state).toBe('unchanged');
    const asked = await rollback(second.response_id, undefined, true);
    await rollback(second.response_id, await approved(asked.approval_request));
    expect(userNow('tomas.becker')?.policies.SocDenyAll).toBeDefined();
  });
});

describe('nothing is changed', () => {
  const unchanged = async (attempt: () => Promise<unknown>) => {
    const before = snapshot();
    const error = await refused(attempt());
    expect(snapshot()).toBe(before);
    expect(iam.requests.some((request) => /^(Put|Update|Delete)/.test((request as { action: string }).action))).toBe(
      false,
    );
    return error;
  };

  it('without an approval', async () => {
    const { response_id } = await plan(await tomas());
    expect(await unchanged(() => execute(response_id))).toMatchObject({ code: 'invalid_input' });
  });

  it('with one that nobody decided, and with one whose denial waits for its reason', async () => {
    const planned = await plan(await tomas());
    const open = await approved(planned.approval_request, 'none');
    expect((await unchanged(() => execute(planned.response_id, open))).code).toBe('conflict');
    const record = await rig.get(open);
    const opened = await rig.click(people.eva, 'deny', record);
    expect(opened).toBeDefined();
    expect((await unchanged(() => execute(planned.response_id, open))).code).toBe('conflict');
  });

  it('with one for another target, and with one that was used', async () => {
    const planned = await plan(await tomas());
    const other = await plan(await caseWith(observed('user', 'svc-backup-legacy')), 'svc-backup-legacy');
    const approval = await approved(other.approval_request);
    expect((await unchanged(() => execute(planned.response_id, approval))).code).toBe('conflict');
    await execute(other.response_id, approval);
    const again = await plan(await caseWith(observed('user', 'svc-backup-legacy')), 'svc-backup-legacy');
    iam.requests.length = 0;
    expect((await unchanged(() => execute(again.response_id, approval))).code).toBe('conflict');
  });

  it('with one that was approved too long ago', async () => {
    const planned = await plan(await tomas());
    const approval = await approved(planned.approval_request);
    const { database } = rig.bridge.host.store;
    const past = new Date(Date.now() - 1000).toISOString();
    await database.db.updateTable('approvals').set({ use_before: past }).where('id', '=', approval).execute();
    const error = await unchanged(() => execute(planned.response_id, approval));
    expect(error).toMatchObject({ code: 'conflict' });
    expect(error.message).toMatch(/had to be used before/);
  });

  it('when the target is not as planned any more', async () => {
    const planned = await plan(await tomas());
    const approval = await approved(planned.approval_request);
    await (await ports().responses?.iam())?.setKeyStatus('tomas.becker', 'AKIASIMULATEDTOMAS01', 'Inactive');
    iam.requests.length = 0;
    expect(await unchanged(() => execute(planned.response_id, approval))).toMatchObject({ code: 'conflict' });
  });

  it('while responses are halted, or switched off', async () => {
    const planned = await plan(await tomas());
    const approval = await approved(planned.approval_request);
    const brake = rig.bridge.host.responses?.store;
    await brake?.halt('A person said stop');
    expect((await unchanged(() => execute(planned.response_id, approval))).message).toContain('A person said stop');
    await brake?.halt(null);
    await rig.restart({ ...environment, RESPONSE_ENABLED: 'false' });
    expect(await unchanged(() => execute(planned.response_id, approval))).toMatchObject({ code: 'missing_permission' });
    await rig.restart(environment);
    expect((await execute(planned.response_id, approval)).status).toBe('verified');
  });

  it('beyond so many an hour', async () => {
    await rig.restart({ ...environment, RESPONSE_MAX_PER_HOUR: '1' });
    const planned = await plan(await tomas());
    const approval = await approved(planned.approval_request);
    expect((await unchanged(() => execute(planned.response_id, approval))).code).toBe('rate_limited');
    await rig.restart(environment);
  });

  it('in a closed case', async () => {
    const case_id = await tomas();
    const planned = await plan(case_id);
    const approval = await approved(planned.approval_request);
    await ports().cases?.change(case_id, { status: 'closed' }, { type: 'closed', summary: 'Closed' });
    expect(await unchanged(() => execute(planned.response_id, approval))).toMatchObject({ code: 'conflict' });
  });
});

describe('nothing is planned for', () => {
  it.each<[string, string, ObservedTarget[], object]>([
    ['somebody whom no query returned', 'mira.okafor', [observed('user', 'tomas.becker')], {}],
    ['an empty set of observations', 'tomas.becker', [], {}],
    ['a protected user', 'break-glass', [observed('user', 'break-glass')], {}],
    ['a user protected by its ARN', 'kwame.abadi', [observed('user', 'kwame.abadi')], {}],
    ['the bridge itself', 'soc-response', [observed('user', 'soc-response')], {}],
    ['a user of another account', 'tomas.becker', [observed('user', 'tomas.becker', { account: '999988887777' })], {}],
    [
      'an ARN of another account',
      'arn:aws:iam::999988887777:user/tomas.becker',
      [observed('user', 'tomas.becker')],
      {},
    ],
    ['a user that is not there', 'nobody', [observed('user', 'nobody')], {}],
    ['root', 'root', [observed('user', 'root')], {}],
    [
      'a role of AWS',
      'AWSServiceRoleForSupport',
      [observed('role', 'AWSServiceRoleForSupport')],
      { action: 'quarantine_role' },
    ],
    [
      'a key of a session',
      'ASIASIMULATEDMIRA001',
      [observed('access_key', 'ASIASIMULATEDMIRA001')],
      { action: 'revoke_access_key' },
    ],
    [
      'a key without an owner',
      'AKIASIMULATEDTOMAS01',
      [observed('access_key', 'AKIASIMULATEDTOMAS01')],
      { action: 'revoke_access_key' },
    ],
    [
      'an action that the system has not',
      'tomas.becker',
      [observed('user', 'tomas.becker')],
      { action: 'quarantine_role', system: 'okta' },
    ],
    ['an administrator of GitLab', 'mira.okafor', [observed('gitlab_user', 'mira.okafor')], { system: 'gitlab' }],
    ['a protected user of GitLab', 'priya.nair', [observed('gitlab_user', 'priya.nair')], { system: 'gitlab' }],
    ['a user observed elsewhere only', 'jonas.lindqvist', [observed('user', 'jonas.lindqvist')], { system: 'gitlab' }],
  ])('%s', async (_what, target, targets, over) => {
    const error = await refused(plan(await caseWith(...targets), target, over));
    expect(['invalid_input', 'not_found_or_no_access']).toContain(error.code);
  });

  it.each(['../x', 'tomas.becker\u202e', 'a'.repeat(501), ' ', '', '*'])('a target such as %j', async (target) => {
    await refused(plan(await tomas(), target));
  });
});

describe('other actions', () => {
  it('one access key is switched off and on again, and its user is left alone', async () => {
    const seen = observed('access_key', 'AKIASIMULATEDTOMAS01', { owner: 'tomas.becker' });
    const planned = await plan(await caseWith(seen), 'AKIASIMULATEDTOMAS01', { action: 'revoke_access_key' });
    await execute(planned.response_id, await approved(planned.approval_request));
    expect(userNow('tomas.becker')).toMatchObject({ keys: { AKIASIMULATEDTOMAS01: 'Inactive' }, policies: {} });
    const asked = await rollback(planned.response_id, undefined, true);
    await rollback(planned.response_id, await approved(asked.approval_request));
    expect(userNow('tomas.becker')?.keys).toEqual({ AKIASIMULATEDTOMAS01: 'Active' });
  });

  it('a role is quarantined', async () => {
    const planned = await plan(await caseWith(observed('role', 'ci-terraform')), 'ci-terraform', {
      action: 'quarantine_role',
    });
    expect(planned.warnings.join()).toContain('applications included');
    expect((await execute(planned.response_id, await approved(planned.approval_request))).status).toBe('verified');
    expect(iam.view().roles.find(({ name }) => name === 'ci-terraform')?.policies).toHaveProperty('SocDenyAll');
  });

  it('an Okta user is suspended; that the sessions ended cannot be read, and is said', async () => {
    const login = 'tomas.becker@simulated-corp.example';
    const planned = await plan(await caseWith(observed('user', login)), login, { system: 'okta' });
    const done = await execute(planned.response_id, await approved(planned.approval_request));
    expect(done.steps.map(({ state }) => state)).toEqual(['verified', 'unverified']);
    expect(done.status).toBe('unverified');
    expect(okta.view().find((user) => user.login === login)).toMatchObject({ status: 'SUSPENDED', sessions: 0 });
    const asked = await rollback(planned.response_id, undefined, true);
    expect((await rollback(planned.response_id, await approved(asked.approval_request))).status).toBe('rolled_back');
    expect(okta.view().find((user) => user.login === login)?.status).toBe('ACTIVE');
  });

  it('a GitLab user is blocked and only its own tokens are revoked', async () => {
    const planned = await plan(await caseWith(observed('gitlab_user', 'tomas.becker')), 'tomas.becker', {
      system: 'gitlab',
    });
    expect(planned.steps).toHaveLength(3);
    const done = await execute(planned.response_id, await approved(planned.approval_request));
    expect(done.status).toBe('verified');
    const headers = { 'private-token': 'simulated-gitlab-token' };
    const tokens = await fetch(`${services[2]?.url}/api/v4/personal_access_tokens?state=active&per_page=100`, {
      headers,
    });
    const owners = ((await tokens.json()) as { user_id: number }[]).map(({ user_id }) => user_id);
    expect(owners).not.toContain(204);
    expect(owners.length).toBeGreaterThan(10);
  });
});

describe('when something goes wrong on the way', () => {
  it('a step that fails is said, the others contain all the same, and only what was done is taken back', async () => {
    const before = snapshot();
    const planned = await plan(await tomas());
    const approval = await approved(planned.approval_request);
    const act = ports();
    const responses = act.responses;
    if (responses === undefined) throw new Error('no responses');
    const real = await responses.iam();
    const broken = Object.assign(Object.create(Object.getPrototypeOf(real) as object), real, {
      setKeyStatus: () =>
        Promise.reject(new OperationError('missing_permission', 'AWS IAM refused iam:UpdateAccessKey')),
    });
    const done = await runOperation(
      executeAutomatedResponse,
      portsWith(act, { responses: { ...responses, iam: async () => broken } }),
      { response_id: planned.response_id, approval_id: approval, dry_run: false },
    );
    expect(done.status).toBe('failed');
    expect(done.steps.map(({ state }) => state)).toEqual(['verified', 'verified', 'failed']);
    expect(userNow('tomas.becker')?.policies).toHaveProperty('SocDenyAll');
    const asked = await rollback(planned.response_id, undefined, true);
    const back = await rollback(planned.response_id, await approved(asked.approval_request));
    expect(back.status).toBe('rolled_back');
    expect(snapshot()).toBe(before);
  });

  it('a rollback leaves alone what somebody else changed since', async () => {
    const planned = await plan(await tomas());
    await execute(planned.response_id, await approved(planned.approval_request));
    const port = await ports().responses?.iam();
    const theirs = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:*","Resource":"*"}]}';
    await port?.putInlinePolicy('user', 'tomas.becker', 'SocDenyAll', theirs);
    expect((await runOperation(verifyResponse, ports(), { response_id: planned.response_id })).status).toBe('failed');
    const asked = await rollback(planned.response_id, undefined, true);
    const back = await rollback(planned.response_id, await approved(asked.approval_request));
    expect(back.status).toBe('rollback_failed');
    expect(userNow('tomas.becker')?.policies.SocDenyAll).toBe(theirs);
    expect(userNow('tomas.becker')?.keys).toEqual({ AKIASIMULATEDTOMAS01: 'Active' });
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'killed after write %i, the next call ends with the same state and each change made once',
    async (writes) => {
      const planned = await plan(await tomas());
      const approval = await approved(planned.approval_request);
      iam.requests.length = 0;
      const act = ports();
      const responses = act.responses;
      if (responses === undefined) throw new Error('no responses');
      let left = writes;
      // A process that is gone writes nothing more: every later write fails, as a closed database does.
      const dying = async (id: string, change: ResponseChange) => {
        left -= 1;
        if (left < 0) throw new Error('the process is gone');
        return responses.change(id, change);
      };
      const given = { response_id: planned.response_id, approval_id: approval, dry_run: false };
      await runOperation(
        executeAutomatedResponse,
        portsWith(act, { responses: { ...responses, change: dying } }),
        given,
      ).catch(() => {});
      const done = await runOperation(executeAutomatedResponse, ports(), given);
      expect(done.status).toBe('verified');
      const sent = iam.requests
        .map((request) => (request as { action: string }).action)
        .filter((name) => /^(Put|Update)/.test(name));
      expect(sent.sort()).toEqual(['PutUserPolicy', 'PutUserPolicy', 'UpdateAccessKey']);
    },
  );
});
