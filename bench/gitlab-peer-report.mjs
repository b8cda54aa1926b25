import { count, median, quantile } from './gitlab-lab.mjs';

/** Our text over the peer's. */
const longestAnswer = 1;

/** The figures and notes of the race between the two servers. */
export function peerReport({ results, tools, rounds, calls, version, license }) {
  const figures = results.flatMap(({ title, floor, answers, perSecond, times }) => {
    const speed = median(perSecond.ours.map((value, round) => value / perSecond.peer[round]));
    const both = (show) => `${show('ours')} to ${show('peer')}`;
    const p95 = (name) => `${quantile(times[name], 0.95).toFixed(1)} ms`;
    const tokens = (name) => roughTokens(answers[name].text);
    return [
      {
        name: `${title}: answers a second, ours to the peer's`,
        measured: `${speed.toFixed(2)} (${both((name) => median(perSecond[name]).toFixed(0))} a second; p95 ${both(p95)})`,
        floor: `at least ${floor}`,
        met: speed >= floor,
        meaning: `median over ${rounds} rounds of ${calls} one after another; p95 over all of them.`,
      },
      {
        name: `${title}: text of the answer, ours to the peer's`,
        measured: `${(answers.ours.text.length / answers.peer.text.length).toFixed(2)} (${both((name) => count(answers[name].text.length))} characters; about ${both((name) => count(tokens(name)))} tokens)`,
        floor: `at most ${longestAnswer}`,
        met: answers.ours.text.length <= longestAnswer * answers.peer.text.length,
        meaning: `what a model gets to read. On the wire ${both((name) => count(answers[name].bytes))} bytes: ours are sent twice, as text and as structured content, as MCP asks of tools with an output schema.`,
      },
    ];
  });
  const { ours, all, peer } = tools;
  const size = (list) => `${list.tools} tools, ${count(list.bytes)} bytes (${count(list.withoutOutput)})`;
  figures.push({
    name: 'List of tools for GitLab, with and (in brackets) without the schemas of answers',
    measured: `ours ${size(ours)}; the peer ${size(peer)}`,
    floor: 'none set',
    met: true,
    meaning: `as JSON, read-only, with pipelines switched on in the peer; of ours those for GitLab. The whole list of our bridge, with Panther, Slack and cases: ${size(all)}. The peer says nothing about its answers.`,
  });
  return {
    bench: 'gitlab-peer',
    title: 'Beside another MCP server for GitLab',
    figures,
    notes: notes(results, version, license),
  };
}

function notes(results, version, license) {
  const sent = results.map(({ title, sent: { ours, peer } }) => `${lowerFirst(title)} ${ours} and ${peer}`);
  return [
    `The peer is @zereight/mcp-gitlab ${version} (licence ${license}), from npm, in its own process over stdio like ours; both speak to the same simulated GitLab on the same machine.`,
    `Requests to GitLab for one call, ours and the peer's: ${sent.join('; ')}. Ours reads the job before its log, and one item more than the list is to have, to know whether there are more.`,
    'The answers are not alike. Ours checks the window and the filters again, removes control and invisible characters and secrets, and of a log gives the failing section and the lines that look like errors; the peer passes on what GitLab sent, of a log the last 1,000 lines.',
    'Both answer whole. Usually the bridge gives a model the first 10,000 tokens of an answer and the rest page by page; that is switched off here.',
    'Tokens are estimated without a model: a word or number counts one for every four characters begun, a run of other characters one for every two.',
  ];
}

function roughTokens(text) {
  let tokens = 0;
  for (const [run] of text.matchAll(/[\p{L}\p{N}]+|[^\p{L}\p{N}\s]+/gu))
    tokens += Math.ceil(run.length / (/[\p{L}\p{N}]/u.test(run) ? 4 : 2));
  return tokens;
}

function lowerFirst(text) {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
