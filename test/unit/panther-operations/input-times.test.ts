import { listAlerts } from '../../../operations/panther/list-alerts';
import { listQueries } from '../../../operations/panther/list-queries';
import { searchIndicators } from '../../../operations/panther/search-indicators';
import { type Answering, failureOf, startAnswering } from './answering';

let server: Answering;
beforeAll(async () => {
  server = await startAnswering();
});
afterAll(() => server.close());
beforeEach(() => {
  server.seen.length = 0;
});

describe('a day that its month does not have', () => {
  test.each([
    ['list_alerts', listAlerts, { created_after: '2026-02-31' }, 'created_after'],
    ['list_queries', listQueries, { started_after: '2026-02-31' }, 'started_after'],
    ['list_queries', listQueries, { started_before: '2026-02-30T10:00:00Z' }, 'started_before'],
    ['search_indicators', searchIndicators, { indicators: ['192.0.2.1'], start_time: '2026-02-31' }, 'start_time'],
    ['search_indicators', searchIndicators, { indicators: ['192.0.2.1'], end_time: '2026-06-31' }, 'end_time'],
  ])('is not taken for one of the next month by %s', async (_, operation, input, field) => {
    const error = await failureOf(server.run(operation, input));
    expect(error).toMatchObject({ code: 'invalid_input', details: { field } });
    expect(server.seen).toEqual([]);
  });
});
