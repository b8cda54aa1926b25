import { request } from 'node:http';
import { readConfig } from '../../../bridge/src/config';
import { Guard } from '../../../bridge/src/http/guard';
import { eventually, type RunningBridge, runBridge, testToken } from '../../support/bridge/running-bridge';

const headers = { authorization: `Bearer ${testToken}`, 'content-type': 'application/json' };

let running: RunningBridge;
beforeAll(async () => {
  running = await runBridge({ SOC_ALLOWED_HOSTS: 'bridge.simulated.example', SOC_ALERT_MAX_MIB: '1' });
});
afterAll(() => running?.stop());

/** fetch does not let a caller choose Host. */
function send(path: string, more: Record<string, string>): Promise<{ status: number; headers: object; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(`${running.url}${path}`, { headers: { ...headers, ...more } }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

const post = (body: string, more: Record<string, string> = {}) =>
  fetch(`${running.url}/alerts`, { method: 'POST', headers: { ...headers, ...more }, body });

describe('who may call', () => {
  it.each(['/mcp', '/alerts', '/cases/INV-1', '/nothing'])('asks for the token on %s', async (path) => {
    const response = await fetch(`${running.url}${path}`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await response.json()).toMatchObject({ code: 'unauthenticated' });
  });

  it.each([`Bearer ${testToken}x`, `Bearer ${testToken.slice(0, -1)}`, 'Bearer x', `Basic ${testToken}`, testToken])(
    'refuses the authorization %#',
    async (authorization) => {
      const response = await fetch(`${running.url}/cases/INV-1`, { headers: { authorization } });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
    },
  );

  it.each([
    ['attacker.example', 403],
    ['127.0.0.1.attacker.example', 403],
    ['localhost@attacker.example', 403],
    ['localhost:9', 404],
    ['127.0.0.1', 404],
    ['[::1]:3333', 404],
    ['bridge.simulated.example', 404],
  ])('Host %s: %i', async (host, status) => {
    expect((await send('/cases/INV-1', { host })).status).toBe(status);
  });

  it.each([
    ['https://attacker.example', 403],
    ['null', 403],
    ['http://localhost.attacker.example', 403],
    ['http://localhost:5678', 404],
    ['https://bridge.simulated.example', 404],
  ])('Origin %s: %i', async (origin, status) => {
    expect((await send('/cases/INV-1', { origin })).status).toBe(status);
  });

  it('checks Host and Origin without a token too', () => {
    const { host, allowedHosts, access } = readConfig({});
    const guard = new Guard({ host, allowedHosts, access });
    const ask = (given: Record<string, string>) => guard.refuse({ headers: given } as never)?.status;
    expect(ask({ host: 'localhost:3333' })).toBeUndefined();
    expect(ask({ host: 'attacker.example' })).toBe(403);
    expect(ask({ host: 'localhost:3333', origin: 'https://attacker.example' })).toBe(403);
    expect(ask({})).toBe(403);
  });

  it('does not listen beyond loopback without authentication, nor with tokens in the clear', async () => {
    const beyond = { SOC_BRIDGE_HOST: '0.0.0.0' };
    await expect(runBridge({ ...beyond, SOC_BRIDGE_TOKEN: undefined })).rejects.toThrow('without authentication');
    await expect(runBridge(beyond)).rejects.toThrow('without TLS');
    const open = await runBridge({ ...beyond, SOC_ALLOW_PLAIN_HTTP: 'true' });
    await open.stop();
  });

  it('tells anybody only that it works', async () => {
    const response = await fetch(`${running.url}/healthz`);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('{"ok":true}');
  });
});

describe('POST /alerts', () => {
  const rawAlerts = () => running.bridge.store.database.db.selectFrom('alerts_raw').selectAll().execute();

  it('answers 202 with the case, and the case settles in the background with its report', async () => {
    const response = await post(JSON.stringify({ id: 'intake-1' }));
    expect(response.status).toBe(202);
    const accepted = (await response.json()) as { case_id: string };
    expect(accepted).toEqual({ case_id: expect.stringMatching(/^INV-/), created: true, status: 'opened' });
    const record = await eventually(async () => {
      const found = await fetch(`${running.url}/cases/${accepted.case_id}`, { headers });
      expect(found.status).toBe(200);
      const value = (await found.json()) as { status: string; id: string };
      return value.status === 'needs_review' ? value : undefined;
    });
    expect(record.id).toBe(accepted.case_id);
    const report = await fetch(`${running.url}/cases/${accepted.case_id}/report`, { headers });
    expect(report.headers.get('content-type')).toMatch(/^text\/markdown/);
    expect(await report.text()).toBe('# Report\n');
    const page = await fetch(`${running.url}/cases/${accepted.case_id}/report.html`, { headers });
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toContain(`<title>Incident report ${accepted.case_id}</title>`);
    for (const [ending, member] of [
      ['json', 'history'],
      ['stix.json', 'objects'],
      ['ocsf.json', 'class_uid'],
    ]) {
      const file = await fetch(`${running.url}/cases/${accepted.case_id}/report.${ending}`, { headers });
      expect(await file.json()).toHaveProperty(member as string);
    }
  });

  it('gives an alert sent twice the case it has', async () => {
    const first = (await (await post(JSON.stringify({ id: 'intake-2' }))).json()) as { case_id: string };
    const second = await post(JSON.stringify({ id: 'intake-2' }));
    expect(second.status).toBe(202);
    expect(await second.json()).toMatchObject({ case_id: first.case_id, created: false });
  });

  it('answers 400 with the field, and keeps what came in', async () => {
    const response = await post('{"title":"no id"}');
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ code: 'invalid_input', message: 'id: missing', field: 'id' });
    expect((await rawAlerts()).at(-1)).toMatchObject({ body: '{"title":"no id"}', accepted: 0, field: 'id' });
  });

  it('answers 400 to what is not JSON, and keeps it too', async () => {
    const response = await post('<alert/>');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'invalid_input', field: 'body' });
    expect((await rawAlerts()).some(({ body }) => body === '"<alert/>"')).toBe(true);
  });

  it('refuses a body over its limit, announced or not, and says what to do', async () => {
    const refused = await post('x'.repeat(1024 * 1024 + 1));
    expect(refused.status).toBe(413);
    expect(((await refused.json()) as { message: string }).message).toMatch(/without the events.*SOC_ALERT_MAX_MIB/);
    const stream = new ReadableStream({
      start(controller) {
        for (let sent = 0; sent < 17; sent += 1) controller.enqueue(new TextEncoder().encode('x'.repeat(65_536)));
        controller.close();
      },
    });
    const chunked = await fetch(`${running.url}/alerts`, {
      method: 'POST',
      headers,
      body: stream,
      duplex: 'half',
    } as RequestInit);
    expect(chunked.status).toBe(413);
  });

  it('takes POST only', async () => {
    const response = await fetch(`${running.url}/alerts`, { headers });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });
});

describe('GET /cases', () => {
  it('answers 404 in our form for a case or report that is not there', async () => {
    for (const path of [
      '/cases/INV-NONE',
      '/cases/INV-NONE/report',
      '/cases/INV-NONE/report.html',
      '/cases/INV-NONE/report.exe',
      '/cases/',
      '/cases/%2e%2e/x',
    ]) {
      const response = await fetch(`${running.url}${path}`, { headers });
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ code: 'not_found_or_no_access' });
    }
  });
});
