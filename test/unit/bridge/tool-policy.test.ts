import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import fc from 'fast-check';
import { type Allowed, allowedEffects, decide } from '../../../bridge/src/mcp/tool-policy';
import { gitlabOperations } from '../../../operations/gitlab';
import type { Effect, Operation } from '../../../operations/operation';
import { pantherOperations } from '../../../operations/panther';
import { operations } from '../../../operations/registry';
import { FaultBoard } from '../../../sandbox/src/faults';
import { type RunningService, startService } from '../../../sandbox/src/service';
import { type RunningBridge, runBridge, testToken } from '../../support/bridge/running-bridge';

const operation = (changes: Partial<Operation>): Operation => ({ ...(pantherOperations[0] as Operation), ...changes });

const onPanther = (panther: Effect): Allowed => ({ panther, gitlab: 'read' });
const onGitLab = (gitlab: Effect): Allowed => ({ panther: 'destructive', gitlab });

describe('the decision on a tool', () => {
  it.each<[Effect, Effect, boolean]>([
    ['read', 'read', true],
    ['read', 'write', false],
    ['read', 'destructive', false],
    ['write', 'write', true],
    ['write', 'destructive', false],
    ['destructive', 'destructive', true],
  ])('%s is allowed: a tool that does %s is offered: %s', (allowed, effect, offered) => {
    expect(decide(operation({ effect }), onPanther(allowed), undefined).offered).toBe(offered);
  });

  it('names the setting that would bring a withheld tool back', () => {
    const decision = decide(operation({ effect: 'destructive' }), onPanther('read'), undefined);
    expect(decision.offered || decision.reason.message).toContain('PANTHER_ALLOW=destructive');
  });

  it('names the permission that is missing', () => {
    const decision = decide(operation({ permissions: ['AlertRead'] }), onPanther('read'), ['RuleRead']);
    expect(decision.offered || decision.reason.message).toContain('AlertRead');
  });

  it('each service has its own switch, and permissions of Panther say nothing of GitLab', () => {
    const block = gitlabOperations.find(({ name }) => name === 'block_user') as Operation;
    expect(decide(block, onGitLab('destructive'), []).offered).toBe(true);
    for (const level of ['read', 'write'] as const) {
      const decision = decide(block, onGitLab(level), []);
      expect(decision.offered || decision.reason.toShape()).toMatchObject({
        code: 'missing_permission',
        message: expect.stringContaining('GITLAB_ALLOW=destructive'),
        details: { tool: 'block_user', variable: 'GITLAB_ALLOW' },
      });
    }
    for (const reading of gitlabOperations.filter(({ effect }) => effect === 'read'))
      expect(decide(reading, onGitLab('read'), []).offered).toBe(true);
  });

  it('never offers more for a lower level or fewer permissions', () => {
    const levels = fc.constantFrom(...allowedEffects);
    const names = fc.uniqueArray(fc.constantFrom('AlertRead', 'AlertModify', 'RuleRead', 'New'));
    fc.assert(
      fc.property(levels, levels, names, names, names, levels, (one, other, held, more, permissions, effect) => {
        const tool = operation({ permissions, effect });
        const [low, high] = [one, other].sort((a, b) => allowedEffects.indexOf(a) - allowedEffects.indexOf(b));
        const narrow = decide(tool, onPanther(low as Effect), held).offered;
        const wide = decide(tool, onPanther(high as Effect), [...held, ...more]).offered;
        expect(narrow && !wide).toBe(false);
      }),
    );
  });
});

/** A change of what tools may do has to be seen here by whoever reviews it. */
it('the tools that change something in Panther are these and no others', () => {
  const changing = pantherOperations
    .filter(({ effect }) => effect !== 'read')
    .map(({ name, effect }) => `${name} ${effect}`);
  expect(changing.sort()).toEqual([
    'add_alert_comment write',
    'assign_alerts write',
    'cancel_query write',
    'disable_detection destructive',
    'set_alert_context_tags write',
    'set_alert_quality write',
    'start_alert_triage write',
    'update_alert_status write',
  ]);
});

it('the tools that change something in GitLab are these and no others, and all of them run on the bridge', () => {
  const changing = gitlabOperations.filter(({ effect }) => effect !== 'read');
  expect(changing.map(({ name, effect, runs }) => `${name} ${effect} ${runs}`).sort()).toEqual([
    'block_user destructive bridge',
    'unblock_user destructive bridge',
  ]);
});

describe('over MCP', () => {
  let panther: RunningService;
  let permissions: string[] | undefined;
  /** Requests that reached Panther. */
  let asked = 0;
  let bridge: RunningBridge | undefined;
  beforeAll(async () => {
    const handler = async () => {
      asked += 1;
      return permissions === undefined ? { status: 503, body: {} } : { status: 200, body: { id: 't', permissions } };
    };
    panther = await startService('panther', 0, handler, new FaultBoard());
  });
  afterEach(async () => {
    await bridge?.stop();
    bridge = undefined;
  });
  afterAll(() => panther.close());

  async function client(environment: Record<string, string> = {}): Promise<Client> {
    bridge = await runBridge(
      { PANTHER_API_URL: panther.url, PANTHER_API_TOKEN: 't', SOC_ALLOW_PRIVATE_NETWORK: 'true', ...environment },
      { operations },
    );
    const connected = new Client({ name: 'policy', version: '1' });
    await connected.connect(
      new StreamableHTTPClientTransport(new URL(`${bridge.url}/mcp`), {
        requestInit: { headers: { authorization: `Bearer ${testToken}` } },
      }),
    );
    return connected;
  }
  const namesOf = async (from: Client) => (await from.listTools()).tools.map(({ name }) => name);

  it('nothing of Panther that changes anything is offered unless it was switched on', async () => {
    permissions = ['AlertRead', 'AlertModify', 'DataAnalyticsRead', 'RuleRead', 'RuleModify', 'RunPantherAI'];
    const names = await namesOf(await client());
    expect(names).toContain('execute_sql_query');
    const effects = new Map(operations.map(({ name, effect, toolset }) => [name, { effect, toolset }]));
    expect(
      names.filter((name) => effects.get(name)?.toolset === 'panther').map((name) => effects.get(name)?.effect),
    ).toEqual(names.filter((name) => effects.get(name)?.toolset === 'panther').map(() => 'read'));
  });

  it('nothing that locks people out of GitLab is offered unless it was switched on', async () => {
    permissions = [];
    const gitlab = { GITLAB_URL: panther.url, GITLAB_TOKEN: 'simulated' };
    const connected = await client(gitlab);
    const names = await namesOf(connected);
    expect(names).toContain('list_audit_events');
    expect(names).not.toContain('block_user');
    const answer = await connected.callTool({ name: 'block_user', arguments: { username: 'x', dry_run: false } });
    expect(answer.isError).toBe(true);
    expect(JSON.stringify(answer.content)).toContain('GITLAB_ALLOW=destructive');
    await bridge?.stop();
    expect(await namesOf(await client({ ...gitlab, GITLAB_ALLOW: 'destructive' }))).toContain('block_user');
  });

  it('what the token may not do is left out, and says why when it is called all the same', async () => {
    permissions = ['AlertRead'];
    const connected = await client({ PANTHER_ALLOW: 'destructive' });
    const names = await namesOf(connected);
    expect(names).toContain('get_permissions');
    expect(names).not.toContain('execute_sql_query');
    const answer = await connected.callTool({ name: 'execute_sql_query', arguments: { sql: 'SELECT 1' } });
    expect(answer.isError).toBe(true);
    expect(JSON.stringify(answer.content)).toContain('DataAnalyticsRead');
  });

  it("the tools of other services do not wait for Panther's permissions", async () => {
    permissions = undefined;
    const connected = await client();
    asked = 0;
    await connected.callTool({ name: 'block_user', arguments: { username: 'x' } });
    await connected.callTool({ name: 'get_case', arguments: { case_id: 'INV-0' } });
    expect(asked).toBe(0);
  });

  it('while the permissions cannot be read, nothing is withheld for them', async () => {
    permissions = undefined;
    expect(await namesOf(await client())).toContain('execute_sql_query');
  });
});
