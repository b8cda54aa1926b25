import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloudtrailFolder, haveCloudtrail } from '../support/labelled-data';
import { SocStack } from '../support/soc-stack';

/** Recorded CloudTrail in the lake instead of the simulated tenant: the case must rest on rows of those files. */
const withData = haveCloudtrail ? describe : describe.skip;

jest.setTimeout(120_000);

withData('with recorded CloudTrail in the lake', () => {
  let stack: SocStack;

  beforeAll(async () => {
    stack = await SocStack.start('recorded-events', { cloudtrail: cloudtrailFolder });
  }, 180_000);

  afterAll(() => stack?.stop(), 30_000);

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
    expect(calls).toEqual(expect.arrayContaining(['StopLogging']));
  });
});
