import { knownTechniques } from '../../../operations/analytics/attack/technique';
import { hunts } from '../../../operations/analytics/hunts';
import { type Hunt, huntSql } from '../../../operations/analytics/hunts/hunt';
import { listHunts } from '../../../operations/analytics/list-hunts';
import { runHunt } from '../../../operations/analytics/run-hunt';
import { runOperation } from '../../../operations/operation';
import { checkSql } from '../../../operations/panther/sql/guard';
import { tenantSettings } from '../../../operations/panther/tenant-settings';
import type { Ports } from '../../../operations/ports';
import type { JsonObject } from '../../../sandbox/src/panther/cloudtrail-row';
import { BASE_TIME, lakeOf } from '../sandbox/panther-lake';
import { cases } from './hunt-cases';

const window = {
  from: new Date(BASE_TIME.getTime() - 24 * 3_600_000).toISOString(),
  to: BASE_TIME.toISOString(),
};
/** What the hunt finds in a lake that holds these records and nothing else. */
async function rowsOver(hunt: Hunt, records: JsonObject[] = []) {
  const { log } = hunt;
  const lake = log === undefined ? await lakeOf(records) : await lakeOf([], BASE_TIME, { [log]: records });
  return lake.rows(huntSql(hunt, window, {}));
}

it('has a case for every hunt', () => {
  expect(Object.keys(cases).sort()).toEqual(hunts.map(({ name }) => name).sort());
});

describe.each(hunts.map((hunt) => [hunt.name, hunt] as const))('%s', (name, hunt: Hunt) => {
  const sql = huntSql(hunt, window, {});

  it('passes the guard, names known techniques and says what else looks like it', () => {
    const options = { database: 'panther_logs', settings: tenantSettings({ defaults: {} }), now: BASE_TIME };
    expect(checkSql(sql, options)).toEqual([]);
    expect(hunt.techniques.filter((id) => !knownTechniques.has(id))).toEqual([]);
    expect(hunt.techniques.length).toBeGreaterThan(0);
    expect(hunt.noise.length).toBeGreaterThan(20);
  });

  it('finds what it is for, once, with who and when', async () => {
    const rows = await rowsOver(hunt, cases[name]?.found);
    expect(rows).toHaveLength(1);
    expect(String(rows[0]?.actor)).toMatch(/^arn:|^192\.0\.2\.|@example\.com$/);
    expect(rows[0]?.first_at).toBeTruthy();
  });

  it('leaves look-alikes alone', async () => {
    expect(await rowsOver(hunt, cases[name]?.left)).toEqual([]);
  });
});

it('takes parameters as bounded whole numbers and nothing else', () => {
  const hunt = hunts.find(({ name }) => name === 'mass_secret_reads') as Hunt;
  expect(huntSql(hunt, window, { secrets: 7 })).toContain('>= 7');
  for (const value of [1, 1.5, 1e9, Number.NaN])
    expect(() => huntSql(hunt, window, { secrets: value })).toThrow(/whole number/);
  expect(() => huntSql(hunt, window, { other: 3 })).toThrow(/takes secrets/);
});

it('lists by technique, and refuses a hunt that there is not', async () => {
  const ports = { signal: new AbortController().signal } as Ports;
  const all = await runOperation(listHunts, ports, {});
  expect(all.hunts).toHaveLength(hunts.length);
  const some = await runOperation(listHunts, ports, { technique: 't1098' });
  expect(some.hunts.map(({ name }) => name)).toEqual([
    'administrator_granted',
    'key_for_another_user',
    'policy_version_swapped',
    'policy_written_with_all_rights',
    'rights_given_to_oneself',
    'trust_policy_changed',
    'okta_administrator_granted',
    'azure_administrator_granted',
  ]);
  await expect(runOperation(runHunt, ports, { hunt: "x'; DROP" })).rejects.toThrow(/is none of/);
});
