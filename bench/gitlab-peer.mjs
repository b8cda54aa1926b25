#!/usr/bin/env node
/**
 * Our bridge and another MCP server for GitLab (`@zereight/mcp-gitlab`), both over stdio, against the same simulated GitLab,
 * in alternating rounds: calls a second and slowest calls, size of the answers and of the list of tools. Starts everything
 * itself on free loopback ports and installs the peer once into the cache. Progress goes to stderr.
 *
 *   node bench/gitlab-peer.mjs [--json] [--rounds 9] [--calls 40] [--log-kilobytes 256]
 *
 * Ends with status 1 when a figure misses its floor, and 3 when the peer cannot be installed.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadOperations } from '../scripts/load-operations.mjs';
import { nodeEnvironment, nodeExecutable } from '../scripts/stack/node-runtime.mjs';
import { count, inLab, printResult, whole } from './gitlab-lab.mjs';
import { peerReport } from './gitlab-peer-report.mjs';
import { McpProcess } from './mcp-process.mjs';
import { ensurePeers } from './peer-install.mjs';

const floors = { listing: 0.4, log: 0.3 };
const warmUp = 5;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '9' },
    calls: { type: 'string', default: '40' },
    'log-kilobytes': { type: 'string', default: '256' },
  },
});
const rounds = whole('rounds', values.rounds, 1, 50);
const calls = whole('calls', values.calls, 1, 500);
const logBytes = 1000 * whole('log-kilobytes', values['log-kilobytes'], 8, 4000);

const say = (text) => process.stderr.write(`gitlab-peer: ${text}\n`);
let peers;
try {
  peers = await ensurePeers(say);
} catch (error) {
  say(`the peer cannot be installed: ${error.message.split('\n')[0]}`);
  process.exit(3);
}
const peerFolder = join(peers, 'node_modules', '@zereight', 'mcp-gitlab');
const { version, license } = JSON.parse(readFileSync(join(peerFolder, 'package.json'), 'utf8'));

// Two hundred in one project, so that a list of a hundred is not all there is.
const lab = { name: 'gitlab-peer', fleet: { projects: 2, mergeRequests: 400 }, longestMs: 10 * 60_000 };
printResult(await inLab(lab, measure), values.json);

async function measure({ gitlab, folder, bridge, settings, forget, requests }) {
  const project = 'simulated-fleet/team-1/service-001';
  const jobId = await failedJob(gitlab, project);
  const job = { project_id: project, job_id: String(jobId) };
  const from = new Date(Date.now() - 60 * 86_400_000).toISOString();
  const listing = { project, time_field: 'updated', from };
  const servers = {
    ours: await McpProcess.start({
      ...bridge,
      env: { ...bridge.env, SOC_TOOLSETS: 'gitlab' },
      cwd: folder,
      log: join(folder, 'ours.log'),
      what: 'soc-bridge',
    }),
    peer: await startPeer(gitlab, folder),
  };
  try {
    const contests = [
      {
        title: 'Listing 50 merge requests of a project',
        ours: [['list_merge_requests', { ...listing, limit: 50 }]],
        peer: [['list_merge_requests', peerListing(project, from, 50)]],
        floor: floors.listing,
        check: sameMergeRequests,
      },
      {
        title: 'Listing 100 merge requests of a project',
        ours: [['list_merge_requests', { ...listing, limit: 100 }]],
        peer: [['list_merge_requests', peerListing(project, from, 100)]],
        floor: floors.listing,
        check: sameMergeRequests,
      },
      {
        title: `Reading a job log of ${count(logBytes / 1000)} kB`,
        ours: [['review_pipeline_job', { project, job_id: jobId }]],
        peer: [['get_pipeline_job_output', job]],
        floor: floors.log,
        check: bothShowTheFailure,
      },
      {
        title: 'Reading a job with its log',
        ours: [['review_pipeline_job', { project, job_id: jobId }]],
        peer: [
          ['get_pipeline_job', job],
          ['get_pipeline_job_output', job],
        ],
        floor: floors.log,
        check: bothShowTheFailure,
      },
    ];
    const results = [];
    for (const contest of contests) {
      say(contest.title);
      await forget();
      // Both would be slowed down by a limit of requests, ours by obeying it.
      await settings({ toldLimit: 1_000_000, longTraceBytes: logBytes });
      results.push(await race(servers, contest, requests));
    }
    const { operations } = await loadOperations();
    const ofGitLab = new Set(operations.filter(({ toolset }) => toolset === 'gitlab').map(({ name }) => name));
    const tools = {
      ours: await toolList(servers.ours, (name) => ofGitLab.has(name)),
      all: await toolList(servers.ours),
      peer: await toolList(servers.peer),
    };
    return peerReport({ results, tools, rounds, calls, version, license });
  } finally {
    await Promise.all([servers.ours.stop(), servers.peer.stop()]);
  }
}

function peerListing(project, from, size) {
  return {
    project_id: project,
    scope: 'all',
    state: 'all',
    updated_after: from,
    order_by: 'updated_at',
    sort: 'desc',
    per_page: size,
  };
}

function startPeer(gitlab, folder) {
  return McpProcess.start({
    command: nodeExecutable(),
    args: [join(peerFolder, 'build', 'index.js')],
    cwd: folder,
    log: join(folder, 'peer.log'),
    what: 'The peer',
    env: nodeEnvironment({
      GITLAB_API_URL: `${gitlab.url}/api/v4`,
      GITLAB_PERSONAL_ACCESS_TOKEN: gitlab.token,
      GITLAB_READ_ONLY_MODE: 'true',
      GITLAB_DISABLE_VERSION_CHECK: 'true',
      // Without it, it has no tools for jobs.
      USE_PIPELINE: 'true',
    }),
  });
}

/** Rounds in which each makes all its calls, one after another; who begins changes from round to round. */
async function race(servers, contest, requests) {
  const answers = {};
  const sent = {};
  for (const name of ['ours', 'peer']) {
    const before = (await requests()).length;
    answers[name] = await use(servers[name], contest[name]);
    sent[name] = (await requests()).length - before;
    for (let call = 0; call < warmUp; call += 1) await use(servers[name], contest[name]);
  }
  contest.check(answers);
  const perSecond = { ours: [], peer: [] };
  const times = { ours: [], peer: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? ['ours', 'peer'] : ['peer', 'ours']) {
      const begun = performance.now();
      for (let call = 0; call < calls; call += 1) times[name].push((await use(servers[name], contest[name])).ms);
      perSecond[name].push(calls / ((performance.now() - begun) / 1000));
    }
    say(`  round ${round + 1} of ${rounds}`);
  }
  return { title: contest.title, floor: contest.floor, answers, sent, perSecond, times };
}

/** The calls that a question takes, one after another, as one. */
async function use(server, questions) {
  const whole = { text: '', bytes: 0, ms: 0 };
  for (const [name, input] of questions) {
    const { text, bytes, ms } = await server.call(name, input);
    whole.text += text;
    whole.bytes += bytes;
    whole.ms += ms;
  }
  return whole;
}

/** Both have to give the same merge requests, or the times say nothing. */
function sameMergeRequests({ ours, peer }) {
  const read = (list) => list.map(({ iid }) => iid).join(' ');
  const mine = read(JSON.parse(ours.text).merge_requests);
  if (mine !== read(JSON.parse(peer.text))) throw new Error('the servers listed different merge requests');
}

function bothShowTheFailure({ ours, peer }) {
  for (const [name, { text }] of Object.entries({ ours, peer }))
    if (!text.includes('AssertionError') && !text.includes('Job failed'))
      throw new Error(`the log of ${name} does not show the failure`);
}

async function toolList(server, wanted = () => true) {
  const tools = [];
  let cursor;
  do {
    const { result } = await server.ask('tools/list', cursor === undefined ? {} : { cursor });
    tools.push(...result.tools.filter(({ name }) => wanted(name)));
    cursor = result.nextCursor;
  } while (cursor !== undefined && tools.length < 10_000);
  const bytes = (list) => Buffer.byteLength(JSON.stringify(list));
  return {
    tools: tools.length,
    bytes: bytes(tools),
    withoutOutput: bytes(tools.map(({ outputSchema: _, ...tool }) => tool)),
  };
}

async function failedJob(gitlab, project) {
  const read = async (path) => {
    const url = `${gitlab.url}/api/v4/projects/${encodeURIComponent(project)}${path}`;
    const response = await fetch(url, { headers: { 'private-token': gitlab.token } });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response.json();
  };
  for (const { id } of await read('/pipelines?status=failed&per_page=20')) {
    const [job] = await read(`/pipelines/${id}/jobs?scope[]=failed`);
    if (job !== undefined) return job.id;
  }
  throw new Error('the simulated project has no failed job');
}
