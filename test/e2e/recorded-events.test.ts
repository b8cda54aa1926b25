import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyFolder } from '../../bridge/src/compliance/verify-chain';
import { operations } from '../../operations/registry';
import { dataNotice } from '../../operations/text';
import { varDir } from '../../scripts/stack/paths.mjs';
import { cloudtrailFolder, haveCloudtrail } from '../support/labelled-data';
import { maskVarying } from '../support/mask-varying';
import { runInNode } from '../support/run-in-node';
import { SocStack } from '../support/soc-stack';

/** Recorded CloudTrail in the lake instead of the simulated tenant: the case must rest on rows of those files. */
const withData = haveCloudtrail ? describe : describe.skip;

jest.setTimeout(300_000);

withData('with recorded CloudTrail in the lake', () => {
  let stack: SocStack;
  const packages = join(varDir, 'test', 'recorded-events', 'compliance');

  beforeAll(async () => {
    stack = await SocStack.start('recorded-events', {
      cloudtrail: cloudtrailFolder,
      bridge: { SOC_COMPLIANCE_DIR: packages },
    });
  });

  afterAll(() => stack?.stop());

  /** eventID to the recorded event. */
  function recorded(): Map<string, Record<string, unknown>> {
    const events = new Map<string, Record<string, unknown>>();
    for (const file of readdirSync(cloudtrailFolder).filter((name) => name.endsWith('.ndjson'))) {
      for (const line of readFileSync(join(cloudtrailFolder, file), 'utf8').split('\n')) {
        if (line === '') continue;
        const { event } = JSON.parse(line) as { event: Record<string, unknown> };
        events.set(String(event.eventID), event);
      }
    }
    return events;
  }

  it('leads from an alert about a principal to a case whose evidence cites recorded events by query id', async () => {
    const events = recorded();
    const alert = {
      id: 'recorded-1',
      severity: 'HIGH',
      source: 'panther',
      timestamp: '2023-07-10T12:30:00Z',
      title: 'Logging was stopped',
      indicators: [{ type: 'user_name', value: 'bert-jan' }],
    };
    const answer = await stack.postAlert(alert);
    expect(answer.status).toBe(202);
    const record = await stack.settledCase(answer.body.case_id);
    expect(record.outcome).toBe('true_positive');

    const requests = await stack.control<{ body?: string }[]>('GET', '/requests?service=panther');
    const hostile = record.evidence.filter((item) => item.family === 'hostile');
    expect(hostile.length).toBeGreaterThan(5);
    for (const item of hostile) {
      expect(requests.some(({ body }) => body?.includes(String(item.query_id)))).toBe(true);
      expect(item.row_refs.length).toBeGreaterThan(0);
      for (const ref of item.row_refs) expect(events.has(ref)).toBe(true);
    }
    const tampering = hostile.find((item) => item.rule === 'log_tampering');
    const calls = tampering?.row_refs.map((ref) => events.get(ref)?.eventName);
    expect(calls).toEqual(expect.arrayContaining(['DeleteTrail']));
  });

  /** Both hosts, the same answer over the same recorded events. Returns it. */
  async function inBoth(name: string, input: Record<string, unknown>): Promise<Record<string, unknown>> {
    const operation = operations.find((one) => one.name === name);
    if (operation === undefined) throw new Error(`there is no operation ${name}`);
    const { [dataNotice.key]: _, ...mcp } = await stack.callTool<Record<string, unknown>>(name, input);
    const node = await runInNode(stack, operation, input, `recorded-${name}`);
    // The second one finds the query of the first.
    const varies = [...(operation.varies ?? []), 'reused'];
    expect(maskVarying(node, varies)).toEqual(maskVarying(mcp, varies));
    return mcp;
  }

  const end_time = '2023-07-10T13:00:00Z';
  const attacker = expect.stringContaining('user/bert-jan');

  it('gives the facts of users without a past, and no number, in n8n and over MCP', async () => {
    for (const [name, input] of [
      ['hunt_anomalous_user_behavior', {}],
      ['behavioral_anomaly_detection', { entity_type: 'user' }],
    ] as const) {
      const { entities } = await inBoth(name, { ...input, end_time });
      expect(entities).toContainEqual(
        expect.objectContaining({ entity: attacker, state: 'insufficient_baseline', risk: null }),
      );
    }
  });

  it('finds the deleted trail by a hunt, in n8n and over MCP', async () => {
    const found = await inBoth('run_hunt', { hunt: 'log_tampering', end_time });
    expect(found).toMatchObject({ complete: true });
    expect(found.rows).toContainEqual(expect.objectContaining({ event_name: 'DeleteTrail', actor: attacker }));
    expect((await inBoth('list_hunts', {})).hunts).toContainEqual(expect.objectContaining({ name: 'log_tampering' }));
  });

  it('reads techniques and what may come next from recorded calls, in n8n and over MCP', async () => {
    const calls = [...recorded().values()]
      .filter(({ userIdentity, errorCode }) => {
        return (userIdentity as { userName?: string } | undefined)?.userName === 'bert-jan' && errorCode === undefined;
      })
      .map(({ eventSource, eventName }) => `${String(eventSource).split('.')[0]}:${String(eventName)}`);
    const events = [...new Set(calls)].sort();
    expect(events).toContain('cloudtrail:DeleteTrail');
    const { mapped } = await inBoth('map_events_to_techniques', { events });
    expect(mapped).toBeGreaterThan(20);
    const { observed, predicted } = await inBoth('predict_attack_progression', { api_calls: events });
    expect(JSON.stringify(observed)).toContain('T1562');
    expect((predicted as { techniques: unknown[] }).techniques.length).toBeGreaterThan(0);
  });

  it('makes evidence packages of the day of the attack, in n8n and over MCP, and they hold', async () => {
    const made = await inBoth('generate_sox_compliance_report', {
      zone: 'Europe/Amsterdam',
      period: 'custom',
      first_day: '2023-07-10',
      last_day: '2023-07-10',
      max_exceptions: 500,
    });
    const kinds = (made.exceptions as { kind: string; subject: string }[]).map(({ kind }) => kind);
    expect(new Set(kinds).size).toBeGreaterThanOrEqual(4);
    expect(made.exceptions).toContainEqual(
      expect.objectContaining({ control: 'operations_log_changes', statement: expect.stringContaining('DeleteTrail') }),
    );
    // Another day of the same bridge is the next package of its chain.
    const next = await stack.callTool<Record<string, unknown>>('generate_sox_compliance_report', {
      zone: 'Europe/Amsterdam',
      period: 'custom',
      first_day: '2023-07-09',
      last_day: '2023-07-11',
    });
    expect(next.previous_package_id).toBe(made.package_id);
    const checks = await verifyFolder(packages);
    expect(checks.map(({ flaws, chain }) => ({ flaws, chain }))).toEqual([
      { flaws: [], chain: [] },
      { flaws: [], chain: [] },
    ]);
    const [first, second] = checks;
    expect(second?.manifest?.previous?.manifest_sha256).toBe(first?.manifestSha256);
  });
});
