#!/usr/bin/env node
/**
 * From a signed click in Slack to the node behind the one that waited, and to the updated message, on a real n8n with
 * other approvals open; beside the same for n8n's own Wait node, which only takes a call. Starts everything itself on free
 * loopback ports. Progress goes to stderr.
 *
 *   node bench/approval-resume.mjs [--json] [--open 50] [--rounds 40]
 *
 * Ends with status 1 when a figure misses its floor.
 */
import { parseArgs } from 'node:util';
import { inApprovalLab, pause } from './approval-lab.mjs';
import { count, printResult, quantile, whole } from './gitlab-lab.mjs';

/** Of Slack's own limit for an answer, in which the person who clicked waits. */
const floorMs = 3_000;
const approvers = ['U0SIM0009', 'U0SIM0010', 'U0SIM0011', 'U0SIM0012'];

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    open: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '40' },
  },
});
const open = whole('open', values.open, 0, 500);
const rounds = whole('rounds', values.rounds, 1, 500);
const say = (text) => process.stderr.write(`approval-resume: ${text}\n`);

printResult(await inApprovalLab(say, measure), values.json);

async function measure(lab) {
  const requestUrl = await lab.takeClicks();
  const paths = { n8n: await lab.gate('n8n'), bridge: await lab.gate('bridge'), plain: await lab.plainWait() };
  say(`opening ${open} approvals`);
  for (let index = 0; index < open; index += 1) await lab.ask(index % 2 === 0 ? paths.n8n : paths.bridge);
  while ((await lab.waitingCount()) < open) await pause(250);

  const times = { plain: [], n8n: [], bridge: [] };
  const shown = { n8n: [], bridge: [] };
  // In turns, so that what else this machine does falls on each of them.
  for (let round = 0; round < rounds; round += 1) {
    times.plain.push(await plainRound(lab, paths.plain));
    for (const by of ['n8n', 'bridge']) {
      await lab.control(
        'POST',
        '/slack/settings',
        by === 'n8n' ? { requestUrl } : { requestUrl: '', socketMode: true },
      );
      const { resumedMs, shownMs } = await clickRound(lab, paths[by], approvers[round % approvers.length]);
      times[by].push(resumedMs);
      shown[by].push(shownMs);
    }
    if ((round + 1) % 10 === 0) say(`${round + 1} of ${rounds} rounds`);
  }
  if ((await lab.waitingCount()) < open) throw new Error('some of the open approvals did not stay open');
  return report(times, shown);
}

async function plainRound(lab, path) {
  const id = await lab.ask(path);
  const { resume } = await lab.told.once('/waiting', id);
  for (;;) {
    const begun = performance.now();
    const response = await fetch(resume, { method: 'POST' });
    await response.body?.cancel();
    // Until n8n has stored that it waits, it says that it runs.
    if (response.ok) return (await lab.told.once('/resumed', id)).at - begun;
    await pause(20);
  }
}

async function clickRound(lab, path, user) {
  const id = await lab.ask(path);
  const card = await lab.card(id);
  // Nobody reads and clicks faster than n8n stores that it waits.
  while ((await lab.waitingCount()) <= open) await pause(100);
  await pause(200);
  const begunAt = Date.now();
  const begun = performance.now();
  const clicked = lab.click(card, user);
  const { at } = await lab.told.once('/resumed', id);
  await clicked;
  return { resumedMs: at - begun, shownMs: await shownAfter(lab, card.ts, begunAt) };
}

/** Milliseconds until Slack was told to show the outcome. */
async function shownAfter(lab, ts, begunAt) {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const requests = await lab.control('GET', '/requests?service=slack');
    const update = requests.find(
      ({ path, body, at }) => /chat\.update$/.test(path) && body.includes(ts) && Date.parse(at) >= begunAt,
    );
    if (update !== undefined) return Date.parse(update.at) - begunAt;
    await pause(50);
  }
  throw new Error('the message was not updated');
}

function report(times, shown) {
  const p95 = (list) => quantile(list, 0.95);
  const milliseconds = (number) => `${count(number)} ms`;
  const names = { n8n: 'n8n alone', bridge: 'with the bridge' };
  const figures = ['n8n', 'bridge'].flatMap((by) => [
    {
      name: `From the click to the resumed execution, 95 of 100 (${names[by]})`,
      measured: `${milliseconds(p95(times[by]))}; ${(p95(times[by]) / p95(times.plain)).toFixed(1)} times a call of n8n's own Wait node`,
      floor: `at most ${milliseconds(floorMs)}`,
      met: p95(times[by]) <= floorMs,
      meaning: `${rounds} clicks, one after another, with ${open} other approvals open; ended by a request of the node behind the one that waited. Median ${milliseconds(quantile(times[by], 0.5))}.`,
    },
    {
      name: `From the click to the updated message, 95 of 100 (${names[by]})`,
      measured: milliseconds(p95(shown[by])),
      floor: `at most ${milliseconds(floorMs)}`,
      met: p95(shown[by]) <= floorMs,
      meaning: `until Slack was asked to show the outcome. Median ${milliseconds(quantile(shown[by], 0.5))}.`,
    },
  ]);
  const notes = [
    `n8n's own Wait node, resumed by a plain call, takes ${milliseconds(p95(times.plain))} (95 of 100) and ${milliseconds(quantile(times.plain, 0.5))} (median) in the same run. A click takes two webhooks, both signatures, and Slack's answers about who clicked on top; with the bridge its queue and two calls.`,
  ];
  return { bench: 'approval-resume', title: 'Approvals that n8n waits for', figures, notes };
}
