import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import fc from 'fast-check';
import { toolsetNames, toolsetOf } from '../../../bridge/src/access/scopes';
import type { Environment } from '../../../bridge/src/config';
import { readMore } from '../../../bridge/src/mcp/result-pager';
import { defaultMenu, menuLimits, tokensOf } from '../../../bridge/src/mcp/tool-menu';
import {
  type Allowed,
  allowedEffects,
  decide as decideOn,
  type PolicyInput,
} from '../../../bridge/src/mcp/tool-policy';
import { readSelection } from '../../../bridge/src/mcp/tool-selection';
import { everythingAllowed } from '../../../bridge/src/mcp/tool-settings';
import { toTool } from '../../../bridge/src/mcp/tools';
import { gitlabOperations } from '../../../operations/gitlab';
import type { Effect, Operation } from '../../../operations/operation';
import { pantherOperations } from '../../../operations/panther';
import { operations } from '../../../operations/registry';
import { FaultBoard } from '../../../sandbox/src/faults';
import { type RunningService, startService } from '../../../sandbox/src/service';
import { reviewedMutators } from '../../support/bridge/reviewed-mutators';
import { type RunningBridge, runBridge, testToken } from '../../support/bridge/running-bridge';

const operation = (changes: Partial<Operation>): Operation => ({ ...(pantherOperations[0] as Operation), ...changes });

const decide = (
  tool: Operation,
  allowed: Allowed,
  held: readonly string[] | undefined,
  more: Partial<PolicyInput> = {},
) => decideOn(tool, { settings: everythingAllowed, allowed, held, ...more });
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

describe('the lists of the owner', () => {
  const everything: Allowed = { panther: 'destructive', gitlab: 'destructive' };
  const byName = (name: string) => operations.find((one) => one.name === name) as Operation;
  const why = (name: string, settings: Partial<typeof everythingAllowed>, more: Partial<PolicyInput> = {}) => {
    const decision = decide(byName(name), everything, undefined, {
      settings: { ...everythingAllowed, ...settings },
      ...more,
    });
    return decision.offered ? 'offered' : decision.by;
  };

  it('deny wins over everything, then read-only, then the allow list, then toolsets', () => {
    const deny = new Set(['disable_detection']);
    const only = new Set(['disable_detection', 'get_case']);
    const toolsets = new Set(['gitlab'] as const);
    expect(why('disable_detection', { deny, readOnly: true, only, toolsets })).toBe('deny_list');
    expect(why('disable_detection', { readOnly: true, only, toolsets })).toBe('read_only');
    expect(why('get_alert', { only, toolsets })).toBe('allow_list');
    expect(why('get_case', { only, toolsets })).toBe('toolset');
    expect(why('get_case', { only })).toBe('offered');
  });

  it('a request narrows and a credential bounds; neither widens', () => {
    const selection = { toolsets: new Set(['gitlab'] as const), readOnly: true };
    expect(why('block_user', {}, { selection })).toBe('request');
    expect(why('get_case', {}, { selection })).toBe('request');
    expect(why('list_commits', {}, { selection })).toBe('offered');
    expect(why('list_commits', { deny: new Set(['list_commits']) }, { selection })).toBe('deny_list');
    expect(why('list_commits', {}, { scopes: [] })).toBe('scope');
    expect(why('list_commits', {}, { scopes: ['cases:destructive', 'gitlab:READ', 'gitlab'] })).toBe('scope');
    expect(why('list_commits', {}, { scopes: ['gitlab:write'] })).toBe('offered');
    expect(why('block_user', {}, { scopes: ['gitlab:write'] })).toBe('scope');
    expect(why('block_user', {}, { scopes: ['soc:destructive'] })).toBe('offered');
  });

  it('for any settings: what is denied is never offered, and read-only leaves nothing that changes anything', () => {
    const names = operations.map(({ name }) => name);
    const some = fc.uniqueArray(fc.constantFrom(...names), { maxLength: 10 }).map((list) => new Set(list));
    const sets = fc.option(
      fc.uniqueArray(fc.constantFrom(...toolsetNames)).map((list) => new Set(list)),
      { nil: undefined },
    );
    fc.assert(
      fc.property(some, fc.option(some, { nil: undefined }), sets, fc.boolean(), (deny, only, toolsets, readOnly) => {
        for (const tool of operations) {
          const settings = { deny, only, toolsets, readOnly };
          const { offered } = decide(tool, everything, undefined, { settings });
          const wanted =
            !deny.has(tool.name) &&
            (!readOnly || tool.effect === 'read') &&
            (only?.has(tool.name) ?? true) &&
            (toolsets?.has(toolsetOf(tool)) ?? true);
          expect(offered).toBe(wanted);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('every reason says what would bring the tool back', () => {
    const decision = decide(byName('block_user'), everything, undefined, {
      settings: { ...everythingAllowed, readOnly: true },
    });
    expect(decision.offered || decision.reason.toShape()).toMatchObject({
      code: 'missing_permission',
      message: 'block_user is withheld: this bridge only reads (SOC_READ_ONLY=true).',
    });
  });
});

describe('what a connection asks for', () => {
  it.each(['toolsets=', 'toolsets=gitlab,nonsense', 'toolsets=gitlab&toolsets=slack', 'read_only=yes', 'tools=x'])(
    '%s is refused rather than overlooked',
    (query) => expect(readSelection(new URLSearchParams(query))).toHaveProperty('problem'),
  );

  it('toolsets and reading only', () => {
    expect(readSelection(new URLSearchParams(''))).toEqual({ selection: {} });
    expect(readSelection(new URLSearchParams('toolsets=GitLab,%20cases&read_only=true'))).toEqual({
      selection: { toolsets: new Set(['gitlab', 'cases']), readOnly: true },
    });
  });
});

describe('the default menu', () => {
  const listed = [...operations.filter(({ name }) => defaultMenu.has(name)), readMore].map(toTool);

  it('keeps within its limits of tools and tokens', () => {
    expect(listed.length).toBeGreaterThan(15);
    expect(listed).toHaveLength(defaultMenu.size + 1);
    expect(listed.length).toBeLessThanOrEqual(menuLimits.tools);
    expect(tokensOf(listed)).toBeLessThanOrEqual(menuLimits.tokens);
  });

  it('removes, disables or executes nothing', () => {
    expect(operations.filter(({ name, effect }) => defaultMenu.has(name) && effect === 'destructive')).toEqual([]);
  });
});

/** Whatever changes something has to be seen here by whoever reviews it; a name that is gone fails as well. */
it('the tools that change something are these and no others', () => {
  const changing = operations
    .filter(({ effect }) => effect !== 'read')
    .map((tool) => `${toolsetOf(tool)} ${tool.name} ${tool.effect} ${tool.runs}`);
  expect(changing.sort()).toEqual(reviewedMutators);
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

  async function client(environment: Environment = {}, query = ''): Promise<Client> {
    bridge = await runBridge(
      {
        PANTHER_API_URL: panther.url,
        PANTHER_API_TOKEN: 't',
        SOC_ALLOW_PRIVATE_NETWORK: 'true',
        SOC_TOOLSETS: 'all',
        ...environment,
      },
      { operations },
    );
    const connected = new Client({ name: 'policy', version: '1' });
    await connected.connect(
      new StreamableHTTPClientTransport(new URL(`${bridge.url}/mcp${query}`), {
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

  it('lists the default menu, and runs what is not on it when it is called by name', async () => {
    const connected = await client({ SOC_TOOLSETS: undefined });
    const names = await namesOf(connected);
    const menu = operations.filter(({ name }) => defaultMenu.has(name)).map(({ name }) => name);
    expect(names).toEqual([...menu, 'read_more']);
    const answer = await connected.callTool({ name: 'list_hunts', arguments: {} });
    expect(answer.isError).toBeFalsy();
  });

  it('shows the toolsets that a connection asks for in its address, and refuses the rest to it', async () => {
    const connected = await client({ SOC_TOOLSETS: undefined }, '?toolsets=gitlab,response&read_only=true');
    const names = await namesOf(connected);
    expect(names).toContain('list_commits');
    expect(names).not.toContain('execute_automated_response');
    expect(names).not.toContain('get_case');
    for (const [name, reason] of [
      ['get_case', 'did not ask for its toolset, cases'],
      ['plan_response', 'asked to read only'],
    ] as const) {
      const answer = await connected.callTool({ name, arguments: {} });
      expect(JSON.stringify(answer.content)).toContain(reason);
    }
  });

  it('a connection gets nothing that the owner left out by asking for it', async () => {
    const connected = await client({ SOC_TOOLSETS: 'gitlab', SOC_TOOLS_DENY: 'list_commits' }, '?toolsets=all');
    const names = await namesOf(connected);
    expect(names).toContain('list_merge_requests');
    expect(names).not.toContain('list_commits');
    expect(names).not.toContain('get_case');
    for (const [name, reason] of [
      ['list_commits', 'SOC_TOOLS_DENY names it'],
      ['get_case', 'SOC_TOOLSETS does not hold its toolset'],
    ] as const) {
      const answer = await connected.callTool({ name, arguments: {} });
      expect(JSON.stringify(answer.content)).toContain(reason);
    }
  });

  it.each([
    [{ SOC_TOOLS_DENY: 'block_user,blok_user' }, 'SOC_TOOLS_DENY holds "blok_user"'],
    [{ SOC_TOOLS: 'get_cases' }, 'SOC_TOOLS holds "get_cases"'],
    [{ SOC_TOOLSETS: 'gitlap' }, 'SOC_TOOLSETS holds "gitlap"'],
  ])('a slip in %j ends the start', async (environment, problem) => {
    await expect(runBridge(environment, { operations })).rejects.toThrow(problem);
  });

  it('tells observers of every call that a client makes, once, with who and how it ended', async () => {
    const connected = await client({ SOC_READ_ONLY: 'true' });
    const ended: string[] = [];
    bridge?.bridge.observers.add({
      callEnded: ({ tool, principal, transport }, { outcome, code }) =>
        void ended.push(`${transport} ${principal.proof} ${tool} ${outcome} ${code}`),
    });
    await connected.callTool({ name: 'list_hunts', arguments: {} });
    await connected.callTool({ name: 'get_case', arguments: {} });
    await connected.callTool({ name: 'block_user', arguments: {} });
    await connected.callTool({ name: 'no_such_tool', arguments: {} }).catch(() => {});
    expect(ended).toEqual([
      'http bridge_token list_hunts ok null',
      'http bridge_token get_case error invalid_input',
      'http bridge_token block_user withheld missing_permission',
    ]);
  });

  it('an observer that refuses a call keeps it from running', async () => {
    const connected = await client();
    bridge?.bridge.observers.add({ callBegan: () => Promise.reject(new Error('the trail cannot be written')) });
    const answer = await connected.callTool({ name: 'list_hunts', arguments: {} });
    expect(answer.isError).toBe(true);
    expect(JSON.stringify(answer)).not.toContain('the trail cannot be written');
  });
});
