import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { type AlertSettings, readAlertSettings } from '../../../bridge/src/http/alert-settings';
import { settledStatuses } from '../../../operations/cases';
import { resumeInvestigation } from '../../../operations/investigation/investigate-alert';
import { openSentAlert } from '../../../operations/investigation/open-case';
import { signRequest } from '../../../operations/request-signature';
import { eventually, type RunningBridge, runBridge, testToken } from '../../support/bridge/running-bridge';
import { finalRow } from '../../support/final-row';

const secret = 'simulated-alert-secret';
const signing = 'simulated-signing-secret-of-32-characters';
const environment = {
  SOC_ALERT_SECRET: `simulated-older-alert-secret,${secret}`,
  SOC_SIGNING_KEYS: `siem(cases:write)=${signing}`,
};
/** The real intake; cases are left as they are opened. */
const real = { open: openSentAlert };

let running: RunningBridge;
beforeAll(async () => {
  running = await runBridge(environment, real);
});
afterAll(() => running?.stop());

const alert = (id: string, more: object = {}) => ({
  id,
  severity: 'HIGH',
  source: 'panther',
  timestamp: new Date().toISOString(),
  indicators: [],
  ...more,
});

function post(body: string | Uint8Array, headers: Record<string, string> = { 'x-alert-secret': secret }) {
  return fetch(`${running.url}/alerts`, { method: 'POST', headers, body: body as string });
}

/** A signature over the whole request, with a time and a nonce of its own. */
function signed(body: string, seconds = 0, secret = signing): Record<string, string> {
  const request = { method: 'POST', target: '/alerts', body: Buffer.from(body) };
  return signRequest(request, { id: 'siem', secret }, new Date(Date.now() + seconds * 1000), randomUUID());
}

const rawAlerts = () => running.bridge.store.database.db.selectFrom('alerts_raw').selectAll().execute();
const caseOf = async (response: Response) => (await response.json()) as { case_id: string; created: boolean };

describe('an alert that would have the whole tenant searched', () => {
  it.each([
    ['schedule', []],
    [' Schedule ', []],
    ['SCHEDULE', []],
  ])('is refused, kept, and told what to do: source %j, indicators %j', async (source, indicators) => {
    const id = randomUUID();
    const answer = await post(JSON.stringify(alert(id, { source, indicators })));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      code: 'invalid_input',
      field: 'source',
      message: expect.stringMatching(/asks for a hunt.*HUNT_SCHEDULE_HOURS/),
    });
    const kept = (await rawAlerts()).find(({ body }) => body.includes(id));
    expect(kept).toMatchObject({ accepted: 0, field: 'source' });
  });

  it('is an alert like any other once it names somebody', async () => {
    const answer = await post(JSON.stringify(alert(randomUUID(), { source: 'schedule', indicators: ['eve'] })));
    expect(answer.status).toBe(202);
  });
});

describe('who may send alerts', () => {
  const body = JSON.stringify(alert('who'));

  it.each([
    ['the secret in its header', { 'x-alert-secret': secret }],
    ['the older secret', { 'x-alert-secret': 'simulated-older-alert-secret' }],
    ['the secret as a bearer token', { authorization: `Bearer ${secret}` }],
    ['the token of the bridge', { authorization: `Bearer ${testToken}` }],
  ])('%s', async (_, headers) => {
    expect((await post(body, headers)).status).toBe(202);
  });

  it.each([
    ['nothing', {}],
    ['another secret', { 'x-alert-secret': `${secret}x` }],
    ['an empty secret', { 'x-alert-secret': '' }],
    ['a list of secrets', { 'x-alert-secret': environment.SOC_ALERT_SECRET }],
    ['a signature of nobody', signed(body, 0, 'somebody-elses-secret-of-32-characters')],
    ['a signature of the secret that is sent along', signed(body, 0, secret)],
    ['an old signature', signed(body, -301)],
    ['a signature from the future', signed(body, 330)],
    ['a signature over another body', signed(`${body} `)],
  ])('not with %s', async (_, headers) => {
    const before = (await rawAlerts()).length;
    const response = await post(body, headers);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'unauthenticated' });
    expect(await rawAlerts()).toHaveLength(before);
  });

  it('the secrets for alerts open nothing else', async () => {
    for (const headers of [{ 'x-alert-secret': secret }, { authorization: `Bearer ${secret}` }]) {
      expect((await fetch(`${running.url}/cases/INV-1`, { headers })).status).toBe(401);
      expect((await fetch(`${running.url}/mcp`, { method: 'POST', headers, body: '{}' })).status).toBe(401);
    }
  });

  it('with a signature once; signed anew the same alert gets its case', async () => {
    const text = JSON.stringify(alert('signed'));
    const headers = signed(text);
    const first = await post(text, headers);
    expect(first.status).toBe(202);
    const { case_id } = await caseOf(first);
    const stored = (await rawAlerts()).length;
    const replay = await post(text, headers);
    expect(replay.status).toBe(401);
    expect(await replay.json()).toMatchObject({ message: expect.stringContaining('anew') });
    expect(await rawAlerts()).toHaveLength(stored);
    expect(await caseOf(await post(text, signed(text)))).toMatchObject({ case_id, created: false });
  });

  it('a malformed alert cannot be replayed into the store either', async () => {
    const headers = signed('<alert/>');
    expect((await post('<alert/>', headers)).status).toBe(400);
    const stored = (await rawAlerts()).length;
    expect((await post('<alert/>', headers)).status).toBe(401);
    expect(await rawAlerts()).toHaveLength(stored);
  });

  it('from a page of somebody else: nobody', async () => {
    const headers = { 'x-alert-secret': secret, origin: 'https://attacker.example' };
    expect((await post(body, headers)).status).toBe(403);
  });

  it('without a token of the bridge, a secret that was set up is asked for', async () => {
    const open = await runBridge({ SOC_ALERT_SECRET: secret, SOC_BRIDGE_TOKEN: undefined }, real);
    try {
      const send = (headers: Record<string, string>) => fetch(`${open.url}/alerts`, { method: 'POST', headers, body });
      expect((await send({})).status).toBe(401);
      expect((await send({ 'x-alert-secret': secret })).status).toBe(202);
    } finally {
      await open.stop();
    }
  });

  it('short secrets are refused at the start', () => {
    const problems: string[] = [];
    const reader = {
      text: () => undefined,
      secret: () => 'short,long-enough-for-a-secret',
      integer: (_: string, fallback: number) => fallback,
      problem: (variable: string) => void problems.push(variable),
    };
    const settings: AlertSettings = readAlertSettings(reader);
    expect(settings.maxBytes).toBe(8 * 1024 * 1024);
    expect(problems).toEqual(['SOC_ALERT_SECRET']);
  });
});

describe('what is sent', () => {
  it('is kept as it came, with fields nobody knows and with its own spelling', async () => {
    const text = `{"id":"raw-1", "severity":"LOW","source":"x","timestamp":"2026-01-15T09:30:00Z","indicators":[],"new_field":{"n":12345678901234567890}}`;
    expect((await post(text)).status).toBe(202);
    expect((await rawAlerts()).at(-1)).toMatchObject({ body: text, accepted: 1 });
  });

  it('with 5 MB of context is taken', async () => {
    const context = { events: Array.from({ length: 40_000 }, (_, n) => ({ n, text: 'x'.repeat(100) })) };
    const text = JSON.stringify(alert('long', { context }));
    expect(text.length).toBeGreaterThan(5_000_000 - 600_000);
    expect((await post(text)).status).toBe(202);
    expect((await rawAlerts()).at(-1)?.body).toBe(text);
  });

  it('over 8 MiB is refused with what to do', async () => {
    const response = await post(`"${'x'.repeat(8 * 1024 * 1024)}"`);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ message: expect.stringContaining('SOC_ALERT_MAX_MIB') });
  });

  it.each([
    ['not UTF-8', Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]), 'body'],
    ['overlong UTF-8', Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]), 'body'],
    ['cut JSON', Buffer.from('{"id":"a"'), 'body'],
    ['a key twice', Buffer.from(JSON.stringify(alert('twice')).replace('{', '{"id":"other",')), 'id'],
    ['nested 100,000 deep', Buffer.from(`{"id":"deep","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), 'alert'],
    ['no object', Buffer.from('[1]'), 'alert'],
    ['nothing', Buffer.from(''), 'body'],
  ])('%s: 400 that names the field, and it is kept', async (_, body, field) => {
    const before = (await rawAlerts()).length;
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'invalid_input', field });
    const kept = await rawAlerts();
    expect(kept).toHaveLength(before + 1);
    expect(kept.at(-1)).toMatchObject({ accepted: 0, field });
  });

  it('not UTF-8 is kept byte for byte', async () => {
    const bytes = Buffer.from([0x7b, 0xff, 0x7d]);
    await post(bytes);
    const { base64 } = JSON.parse((await rawAlerts()).at(-1)?.body ?? '') as { base64: string };
    expect(Buffer.from(base64, 'base64').equals(bytes)).toBe(true);
  });

  it('with half a character in its id is an alert of its own', async () => {
    const text = (id: string) => JSON.stringify(alert('')).replace('"id":""', `"id":"${id}"`);
    const ids = ['half', 'half\\ud800', 'half\\udc00'];
    const cases = [];
    for (const id of [...ids, ...ids]) cases.push(await caseOf(await post(text(id))));
    expect(new Set(cases.map(({ case_id }) => case_id)).size).toBe(3);
    expect(cases.map(({ created }) => created)).toEqual([true, true, true, false, false, false]);
  });

  it('twice at once, and in any order with its update, is one case', async () => {
    const first = JSON.stringify(alert('storm'));
    const again = JSON.stringify(alert('storm', { severity: 'CRITICAL', title: 'seen again' }));
    const answers = await Promise.all(
      Array.from({ length: 40 }, async (_, n) => caseOf(await post(n % 2 === 0 ? first : again))),
    );
    expect(new Set(answers.map(({ case_id }) => case_id)).size).toBe(1);
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
  });

  it('with a time in the future or without a zone says so in its case', async () => {
    const { case_id } = await caseOf(await post(JSON.stringify(alert('zone', { timestamp: '2099-01-15 09:30:00' }))));
    const record = await running.bridge.store.get(case_id);
    expect(record?.alert.data_quality?.map(({ field }) => field).sort()).toEqual(['created_at', 'timestamp']);
    expect(Date.parse(record?.alert.created_at ?? '')).toBeLessThanOrEqual(Date.now());
  });
});

describe('what cannot be stored is not accepted', () => {
  it('a disk that is full: 503, nothing half done, and taken when there is room again', async () => {
    const full = await runBridge(environment, { ...real, resume: resumeInvestigation });
    try {
      const { db } = full.bridge.store.database;
      const send = (id: string) =>
        fetch(`${full.url}/alerts`, {
          method: 'POST',
          headers: { 'x-alert-secret': secret },
          body: JSON.stringify(alert(id, { padding: 'x'.repeat(200_000) })),
        });
      const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db);
      await sql.raw(`pragma max_page_count = ${rows[0]?.page_count ?? 1}`).execute(db);
      const refused = await send('full');
      expect(refused.status).toBe(503);
      expect(refused.headers.get('retry-after')).toBe('30');
      expect(await refused.json()).toMatchObject({ code: 'unavailable' });
      expect(await full.bridge.store.list({ limit: 10 })).toEqual([]);
      await sql.raw('pragma max_page_count = 1073741823').execute(db);
      expect((await send('full')).status).toBe(202);
      expect(await full.bridge.store.list({ limit: 10 })).toHaveLength(1);
    } finally {
      await full.stop();
    }
  });

  it('a disk that fills up in the middle of an investigation: the case goes on when there is room, and ends as it would have', async () => {
    let db: RunningBridge['bridge']['store']['database']['db'] | undefined;
    let runs = 0;
    let disk = 'room' as 'room' | 'full';
    const resume: typeof resumeInvestigation = async (ports, caseId) => {
      runs += 1;
      if (disk === 'full' && db !== undefined) {
        const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db);
        await sql.raw(`pragma max_page_count = ${rows[0]?.page_count ?? 1}`).execute(db);
      }
      return resumeInvestigation(ports, caseId);
    };
    const bridge = await runBridge(
      { ...environment, SOC_LEASE_SECONDS: '1', SOC_RECONCILE_SECONDS: '1' },
      { ...real, resume },
    );
    try {
      db = bridge.bridge.store.database.db;
      const sent = async (id: string) => {
        const body = JSON.stringify(alert(id, { timestamp: '2026-01-15T09:30:00Z', indicators: ['eve'] }));
        const response = await fetch(`${bridge.url}/alerts`, {
          method: 'POST',
          headers: { 'x-alert-secret': secret },
          body,
        });
        return (await caseOf(response)).case_id;
      };
      const ended = (id: string) =>
        eventually(async () => {
          const record = await bridge.bridge.store.get(id);
          return record !== undefined && settledStatuses.includes(record.status) ? finalRow(record) : undefined;
        });
      const reference = await ended(await sent('room'));
      disk = 'full';
      const before = runs;
      const id = await sent('filling');
      await eventually(() => bridge.logged().find((line) => /SQLITE_FULL|disk is full/.test(line)));
      expect(runs).toBeGreaterThan(before);
      disk = 'room';
      await sql.raw('pragma max_page_count = 1073741823').execute(db);
      expect(await ended(id)).toEqual(reference);
    } finally {
      await bridge.stop();
    }
  });
});
