import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Alert } from '../../../operations/investigation/alert';
import { correlate } from '../../../operations/investigation/correlate';
import { planFor } from '../../../operations/investigation/plan';
import { cloudtrailFolder, haveCloudtrail } from '../../support/labelled-data';

/**
 * Rules over real CloudTrail: recorded detonations against console sessions of real work (the data is described in
 * its own README and is no part of the repository). Without the data there is nothing to check, and the suite says so.
 */
/** The body of a skipped `describe` runs all the same, and would ask for the files. */
const withData = (name: string, body: () => void): void => {
  if (haveCloudtrail) describe(name, body);
  else it.skip(`${name}: the labelled data is not there`, () => {});
};

type Row = Record<string, unknown>;

function lines(file: string): Row[] {
  return readFileSync(join(cloudtrailFolder, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

function groupBy(rows: Row[], key: string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const name = String(row[key]);
    groups.set(name, [...(groups.get(name) ?? []), row.event as Row]);
  }
  return groups;
}

function judge(events: Row[]) {
  const times = events.map((event) => String(event.eventTime)).sort();
  const alert: Alert = {
    id: 'episode',
    source: 'test',
    tenant: 'default',
    kind_of_change: 'new',
    format: 'generic',
    title: 'episode',
    description: '',
    severity: 'MEDIUM',
    created_at: new Date(times.at(-1) ?? '').toISOString(),
    rule: null,
    link: null,
    entities: [{ type: 'user', value: 'somebody' }],
    tags: [],
  };
  const results = planFor(alert).queries.map((query) => ({
    query_id: `q-${query.label}`,
    label: query.label,
    rows: query.label === 'actor_activity' ? events : [],
    complete: true,
  }));
  return correlate({ alert, query_results: results });
}

/** Calls that set a lab up or tidy it away are recorded under the attack tool's name but are no attack. */
const isDetonation = (events: Row[]) =>
  !events.every((event) =>
    /^(?:DescribeAccountAttributes|Remove|Delete(?!Trail|FlowLogs)|StartLogging|List|Detach|RevokeSecurity)/.test(
      String(event.eventName),
    ),
  ) &&
  !events.every(
    (event) => String(event.eventTime) >= '2023-07-10T12:28:20Z' && String(event.eventTime) < '2023-07-10T12:29:00Z',
  ) &&
  !events.every((event) => /^2023-07-10T12:(?:11:57|07:49)Z$/.test(String(event.eventTime)));

withData('recorded attacks and real console work', () => {
  const attacks = [
    ...groupBy(
      lines('invictus.ndjson').filter((row) => row.attack === true),
      'episode',
    ),
  ].filter(([, events]) => isDetonation(events));
  const techniques = [...groupBy(lines('stratus.ndjson'), 'technique')];
  const sessions = [...groupBy(lines('benign_console.ndjson'), 'session')];
  const show = process.env.SHOW_EPISODES === '1';
  const outcomes = (cases: [string, Row[]][]) =>
    cases.map(([name, events]) => {
      const { verdict, evidence } = judge(events);
      if (show) {
        const calls = [...new Set(events.map((event) => event.eventName))].slice(0, 3).join(',');
        process.stdout.write(
          `${name.slice(0, 44)} ${verdict.outcome} ${verdict.probability} ${calls} | ${evidence.map((item) => `${item.rule} ${item.weight}`).join(', ')}\n`,
        );
      }
      return verdict.outcome;
    });
  const share = (list: string[], ...wanted: string[]) =>
    list.filter((item) => wanted.includes(item)).length / list.length;

  test('no attack is closed, and most are called attacks at once', () => {
    const found = [...outcomes(attacks), ...outcomes(techniques)];
    if (show) process.stdout.write(`attacks ${found.length}: tp ${share(found, 'true_positive')}\n`);
    expect(share(found, 'true_positive', 'needs_review')).toBe(1);
    expect(share(found, 'true_positive')).toBeGreaterThanOrEqual(0.75);
  });

  test('real console work is mostly closed', () => {
    const found = outcomes(sessions);
    if (show)
      process.stdout.write(
        `sessions ${found.length}: closed ${share(found, 'false_positive', 'benign_positive')} tp ${share(found, 'true_positive')}\n`,
      );
    expect(share(found, 'true_positive')).toBeLessThanOrEqual(0.27);
    expect(share(found, 'false_positive', 'benign_positive')).toBeGreaterThanOrEqual(0.5);
  });
});
