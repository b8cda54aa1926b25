#!/usr/bin/env node
/**
 * A GitLab group with many projects and merge requests, read through the bridge over stdio: how many requests that takes,
 * compared with the fewest that the API allows, and how long. Starts everything itself on free loopback ports. Progress
 * goes to stderr.
 *
 *   node bench/gitlab-group.mjs [--json] [--projects 50] [--merge-requests 2000] [--rounds 3]
 *
 * Ends with status 1 when a figure misses its floor.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { count, inLab, median, printResult, whole } from './gitlab-lab.mjs';
import { McpProcess } from './mcp-process.mjs';

/** GitLab's largest page, and what one call of ours gives at most. */
const largestPage = 100;
const largestList = 1000;
const group = 'simulated-fleet';
const floors = { listing: 1.15, failures: 1.05, supplyChain: 1.05, seconds: 30, supplyChainSeconds: 120 };

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    projects: { type: 'string', default: '50' },
    'merge-requests': { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '3' },
  },
});
const projects = whole('projects', values.projects, 1, 300);
const mergeRequests = whole('merge-requests', values['merge-requests'], 1, 20_000);
const rounds = whole('rounds', values.rounds, 1, 20);

const options = { name: 'gitlab-group', fleet: { projects, mergeRequests }, longestMs: 10 * 60_000 };
printResult(await inLab(options, measure), values.json);

async function measure(lab, say) {
  const { bridge, folder } = lab;
  const server = await McpProcess.start({ ...bridge, cwd: folder, log: join(folder, 'ours.log'), what: 'soc-bridge' });
  try {
    const window = { from: new Date(Date.now() - 35 * 86_400_000).toISOString(), to: new Date().toISOString() };
    const listings = [];
    for (const field of ['updated', 'merged']) {
      say(`merge requests by ${field}`);
      listings.push(await repeated(lab, () => readMergeRequests(server, { ...window, time_field: field }), field));
    }
    if (listings[0].found !== mergeRequests)
      throw new Error(`${listings[0].found} of ${mergeRequests} merge requests were listed`);
    say('failed pipelines');
    const failures = await repeated(lab, () => readFailures(server, window), 'failures');
    say('supply-chain changes');
    const changes = await repeated(lab, () => readSupplyChain(server, window), 'supply chain');
    return report(listings, failures, changes);
  } finally {
    await server.stop();
  }
}

/** Each round alone, with its requests counted; only rounds that found the same count. */
async function repeated({ forget, settings, requests }, work, name) {
  const times = [];
  let last;
  for (let round = 0; round < rounds; round += 1) {
    await forget();
    await settings({ toldLimit: 1_000_000 });
    const begun = performance.now();
    const found = await work();
    times.push((performance.now() - begun) / 1000);
    const sent = await requests();
    if (last !== undefined && (last.found !== found.found || last.sent.length !== sent.length))
      throw new Error(`two equal rounds of ${name} differ`);
    last = { ...found, sent };
  }
  return { name, seconds: median(times), ...last };
}

/** Every merge request of the group in the window, call by call as a client reads it. */
async function readMergeRequests(server, input) {
  const seen = new Set();
  let cursor;
  for (let calls = 1; calls <= 100; calls += 1) {
    const args = { group, ...input, limit: largestList, ...(cursor === undefined ? {} : { cursor }) };
    const answer = JSON.parse((await server.call('list_merge_requests', args)).text);
    for (const { project, iid } of answer.merge_requests) seen.add(`${project}!${iid}`);
    if (answer.next === null) {
      if (!answer.complete) throw new Error('the list ended without being complete');
      return { found: seen.size, calls };
    }
    cursor = answer.next;
  }
  throw new Error('the list does not end');
}

async function readFailures(server, { from, to }) {
  const args = { group, from, to, limit: 20 };
  const answer = JSON.parse((await server.call('list_pipeline_failures', args)).text);
  if (answer.problems.length > 0) throw new Error(`not read: ${JSON.stringify(answer.problems[0])}`);
  return { found: answer.count, searched: answer.projects_searched, calls: 1 };
}

/** Everything merged or pushed in the window, looked at call by call. */
async function readSupplyChain(server, input) {
  let looked = 0;
  let pushes = 0;
  let cursor;
  for (let calls = 1; calls <= 100; calls += 1) {
    const args = { group, ...input, limit: 100, max_looked_at: 2000, ...(cursor === undefined ? {} : { cursor }) };
    const answer = JSON.parse((await server.call('monitor_supply_chain_changes', args)).text);
    if (answer.problems.length > 0) throw new Error(`not read: ${JSON.stringify(answer.problems[0])}`);
    looked += answer.looked_at.merge_requests;
    pushes += answer.looked_at.direct_pushes;
    if (answer.next === null) return { found: looked, pushes, calls };
    cursor = answer.next;
  }
  throw new Error('the list does not end');
}

function report(listings, failures, changes) {
  const figures = listings.map(({ name, found, calls, sent, seconds }) => {
    const fewest = Math.max(1, Math.ceil(found / largestPage));
    return {
      name: `Merge requests of a group by time ${name}: requests, compared with the fewest possible`,
      measured: `${(sent.length / fewest).toFixed(2)} (${sent.length} to ${fewest}, for ${count(found)} in ${seconds.toFixed(1)} s)`,
      floor: `at most ${floors.listing}, in ${floors.seconds} s`,
      met: sent.length <= fewest * floors.listing && seconds <= floors.seconds,
      meaning: `${count(mergeRequests)} merge requests in ${count(projects)} projects, all in the window, read in ${calls} calls of up to ${count(largestList)}. The fewest are those pages of ${largestPage} that hold what was found.`,
    };
  });
  const inProjects = ({ path }) => path.startsWith('/api/v4/projects/');
  const perProject = failures.sent.filter(({ path }) => /^\/api\/v4\/projects\/[^/]+\/pipelines$/.test(path)).length;
  const toFind = failures.sent.filter((request) => !inProjects(request)).length + perProject;
  const fewestToFind = Math.ceil(projects / largestPage) + 2 * projects;
  const perPipeline = (failures.sent.length - toFind) / Math.max(1, failures.found);
  figures.push({
    name: 'Failed pipelines of a group: requests to find them, compared with the fewest possible',
    measured: `${(toFind / fewestToFind).toFixed(2)} (${toFind} to ${fewestToFind})`,
    floor: `at most ${floors.failures}, in ${floors.seconds} s`,
    met: toFind <= fewestToFind * floors.failures && failures.seconds <= floors.seconds,
    meaning: `GitLab lists pipelines by project, and child pipelines only when asked for them, so each of ${count(projects)} projects takes two requests over REST. With the ${failures.found} newest ones described: ${failures.sent.length} requests, ${perPipeline.toFixed(1)} for each, in ${failures.seconds.toFixed(1)} s.`,
  });
  const fewestForChanges =
    Math.ceil(changes.found / largestPage) + changes.found + Math.ceil(projects / largestPage) + projects;
  figures.push({
    name: 'Supply-chain changes of a group: requests, compared with the fewest possible',
    measured: `${(changes.sent.length / fewestForChanges).toFixed(2)} (${count(changes.sent.length)} to ${count(fewestForChanges)}, in ${changes.seconds.toFixed(1)} s)`,
    floor: `at most ${floors.supplyChain}, in ${floors.supplyChainSeconds} s`,
    met:
      changes.sent.length <= fewestForChanges * floors.supplyChain &&
      changes.seconds <= floors.supplyChainSeconds &&
      changes.pushes === 0,
    meaning: `${count(changes.found)} merge requests that were merged, none of which touches a watched file: over REST each takes one request for its list of changed files, and each project one for its pushes. All of those ${changes.pushes === 0 ? 'were' : 'were not'} found to be merges.`,
  });
  const notes = [
    `Times are medians of ${rounds} rounds over loopback; a real GitLab takes longer for each request, so the requests say more.`,
    'A list has to see one merge request behind its last one before it can give a place to go on, so the end of each call is read again by the next one.',
  ];
  return { bench: 'gitlab-group', title: 'A large GitLab group', figures, notes };
}
