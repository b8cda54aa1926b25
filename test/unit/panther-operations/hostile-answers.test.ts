import { OperationError } from '../../../operations/errors';
import { type Operation, runOperation } from '../../../operations/operation';
import { pantherOperations } from '../../../operations/panther';
import { addAlertComment } from '../../../operations/panther/add-alert-comment';
import { executeSqlQuery } from '../../../operations/panther/execute-sql-query';
import { type Output, type SimulatedTenant, startSimulatedTenant } from './simulated-tenant';

let tenant: SimulatedTenant;
let queryId: string;
beforeAll(async () => {
  tenant = await startSimulatedTenant();
  await tenant.run(addAlertComment, { alert_id: tenant.alertId, body: 'Seen by the simulated SOC.' });
  queryId = (await tenant.run(executeSqlQuery, executeSqlQuery.example)).query_id;
});
afterAll(() => tenant.close());

const hidden = 'x\u202e\u0007\u200b\u001b[31m/../y';
const polluting = JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}');
/** What takes the place of one field. */
const values: unknown[] = [null, hidden, -1e300, [], [null, polluting], polluting, true, 'a'.repeat(100_000)];

/** Every place in a JSON value below its own members, lists taken for one place. */
function placesIn(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return [...new Set(value.slice(0, 5).flatMap((item) => placesIn(item, `${path}.*`)))];
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => placesIn(item, `${path}.${key}`))];
}

function replaced(value: unknown, place: string, by: unknown, path = ''): unknown {
  if (path === place) return by;
  if (Array.isArray(value)) return value.map((item) => replaced(item, place, by, `${path}.*`));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, replaced(item, place, by, `${path}.${key}`)]),
  );
}

/** Runs an operation against a Panther whose answers go through `change`. */
async function run(operation: Operation, change: (body: unknown) => unknown): Promise<Output | Error> {
  const ports = tenant.ports({ speed: 400 });
  const send = ports.http;
  ports.http = async (request) => {
    const response = await send(request);
    if (typeof response.body !== 'string' || !/^\s*[{[]/.test(response.body)) return response;
    return { ...response, body: JSON.stringify(change(JSON.parse(response.body))) };
  };
  const text = JSON.stringify(operation.example)
    .replace(/\$(commented_)?alert_id/g, tenant.alertId)
    .replace(/\$(query_id|triage_stream_id)/g, queryId);
  return runOperation(operation, ports, JSON.parse(text)).catch((error: Error) => error);
}

/** What is wrong with an outcome: no error of ours, a result that our own schema refuses, or characters that nobody sees. */
function faultOf(outcome: Output | Error): string | undefined {
  if (outcome instanceof Error && !(outcome instanceof OperationError)) return String(outcome.stack).slice(0, 600);
  const { next, ...shown } = outcome instanceof OperationError ? { ...outcome.toShape(), next: null } : outcome;
  const text = JSON.stringify(shown);
  if (/breaks its own schema/.test(text)) return text.slice(0, 300);
  const at = text.search(/[\u202e\u200b]|\\u0007|\\u001b/);
  return at === -1 ? undefined : text.slice(Math.max(0, at - 100), at + 20);
}

test.each(pantherOperations.map((operation) => [operation.name, operation] as const))(
  '%s takes no answer for more than it is, whatever stands in one of its fields',
  async (_, operation) => {
    const places = new Set<string>();
    await run(operation, (body) => {
      for (const place of placesIn(body)) places.add(place);
      return body;
    });
    expect(places.size).toBeGreaterThan(0);
    const faults: string[] = [];
    for (const [index, place] of [...places].slice(0, 25).entries()) {
      for (const number of [1, index]) {
        const value = values[number % values.length];
        const outcome = await run(operation, (body) => replaced(body, place, value));
        const fault = faultOf(outcome);
        if (fault !== undefined) faults.push(`value ${number % values.length} at ${place}: ${fault}`);
      }
    }
    expect(faults).toEqual([]);
    expect(({} as Output).polluted).toBeUndefined();
  },
);
