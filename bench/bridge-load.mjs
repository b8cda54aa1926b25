#!/usr/bin/env node
/**
 * Mixed calls through nginx, with the configuration that we ship, to two pods of the bridge on one PostgreSQL, at 80 % of what they
 * can take, while one of the pods is killed again and again. Starts everything itself on free loopback ports. Progress goes to
 * stderr.
 *
 *   node bench/bridge-load.mjs [--json] [--seconds 600] [--kill-every 30]
 *
 * PostgreSQL is found at SOC_TEST_POSTGRES_URL (default postgres://postgres@127.0.0.1:5432/postgres), in a database that is
 * made for the run. Without it, or without nginx, it ends with status 3. Ends with status 1 when a figure misses its floor.
 */
import { parseArgs } from 'node:util';
import { root } from '../scripts/stack/paths.mjs';
import { count, printResult, whole } from './gitlab-lab.mjs';
import { ProgramBundles } from './program-bundle.mjs';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '600' },
    'kill-every': { type: 'string', default: '30' },
  },
});
const seconds = whole('seconds', values.seconds, 5, 3600);
const killEverySeconds = whole('kill-every', values['kill-every'], 3, 600);
const share = 0.8;
/** A heap that is still growing to its size has a slope, too. */
const longEnough = seconds >= 300;
const say = (text) => process.stderr.write(`bridge-load: ${text}\n`);

const bundles = new ProgramBundles();
process.once('exit', () => bundles.remove());
const file = await bundles.add('test/support/bridge/load-run.ts', 'load.mjs', {
  folder: `${root}/test/support/bridge`,
});
const { runLoad, loadProblem } = await import(file);
const problem = loadProblem();
if (problem !== undefined) {
  say(problem);
  process.exit(3);
}
const load = await runLoad({
  folder: bundles.folder,
  seconds,
  killEverySeconds,
  capacitySeconds: 15,
  share,
  noticedWithinMs: 250,
  say,
});
printResult(report(load), values.json);

function report({ capacity, rate, sent, lost, kills, lostBesideKills, p50, p99, slowest, alerts, memory }) {
  const lostCount = Object.values(lost).reduce((sum, number) => sum + number, 0);
  const ways = Object.entries(lost).map(([how, number]) => `${number} × ${how}`);
  const figures = [
    {
      name: 'Calls lost while a pod is killed again and again',
      measured: `${lostCount} of ${count(sent)} in ${kills} kills; ${lostBesideKills} of them were not with the pod that was killed`,
      floor: 'none but with the pod',
      met: lostBesideKills === 0,
      meaning: `a call is lost when its answer does not come or is another${ways.length === 0 ? '' : ` (${ways.join(', ')})`}. Lost with the pod is what was under way when it was killed, or was sent to it within a quarter of a second, before nginx knew. nginx sends a call to the other pod only when the first cannot have begun it, because a second time could do twice what should be done once.`,
    },
    {
      name: 'Alerts that were acknowledged and have no case, or two',
      measured: `${alerts.acknowledged - alerts.cases} and ${alerts.twice} of ${count(alerts.acknowledged)}`,
      floor: 'none',
      met: alerts.cases === alerts.acknowledged && alerts.twice === 0,
      meaning: 'read from the store after the run.',
    },
    {
      name: 'Time to the answer, 99 of 100',
      measured: `${count(p99)} ms (median ${count(p50)} ms, slowest ${count(slowest)} ms)`,
      floor: 'at most 1,000 ms',
      met: p99 <= 1000,
      meaning: `from when a call was due, at ${count(rate)} a second: ${share * 100} % of the ${count(capacity)} that two pods answered before, as fast as 16 clients could ask.`,
    },
    {
      name: 'Growth of what the pod that lives holds in memory',
      measured: `${memory.held.slope.toFixed(2)} MiB a minute (${memory.held.first.toFixed(0)} MiB after the first minute, ${memory.held.last.toFixed(0)} MiB at the end; resident ${memory.resident.first.toFixed(0)} and ${memory.resident.last.toFixed(0)} MiB)`,
      floor: longEnough ? 'at most 0.5 MiB a minute' : 'none set for less than five minutes',
      met: !longEnough || memory.held.slope <= 0.5,
      meaning:
        "slope by least squares of what V8's old space holds at its lowest in every ten seconds, which is what no collection takes away; the first minute left out. What is resident holds garbage, too.",
    },
  ];
  const notes = [
    `${seconds} s; of twenty requests thirteen are calls that read, four lists of tools, two calls that change something, which are on record before they run, and one an alert. nginx, PostgreSQL, both pods and the sender share the processors.`,
  ];
  return { bench: 'bridge-load', title: 'The bridge under load, with kills', figures, notes };
}
