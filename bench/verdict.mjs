#!/usr/bin/env node
/**
 * The verdict over labelled CloudTrail: how many attacks it calls, how much benign activity it closes, how much it leaves to
 * people, how well its probabilities hold, and the same without one group of rules at a time.
 *
 *   node bench/verdict.mjs [--data DIR] [--json [FILE]] [--show misses|all] [--half A|B] [--variants]
 *
 * DIR holds `cloudtrail/` and `panther/`; default `../shared/data` beside the project. Files that are not there are named and
 * skipped. `--json FILE` writes everything to FILE, `--json` alone prints the result for the page, which has the variants too:
 * each episode in other words, thinned, cut, and in other company. Ends with status 1 when a
 * figure misses its floor, and with 3 when there is no data at all.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { halfOf, readEpisodes } from './verdict-episodes.mjs';
import { figuresOf, intervals, isDetected, isRejected, reliability } from './verdict-figures.mjs';
import { verdictReport } from './verdict-report.mjs';
import { kinds, variantsOf } from './verdict-variants.mjs';

const root = resolve(fileURLToPath(new URL('..', import.meta.url)));
const argv = process.argv.slice(2);
const json = argv.indexOf('--json');
// `--json` alone is how the page asks; with a file name it is how a person does.
const toPage = json >= 0 && (argv[json + 1] === undefined || argv[json + 1].startsWith('--'));
if (toPage) argv.splice(json, 1);
const { values } = parseArgs({
  args: argv,
  options: {
    data: { type: 'string', default: resolve(root, '../shared/data') },
    json: { type: 'string' },
    show: { type: 'string' },
    half: { type: 'string' },
    variants: { type: 'boolean', default: false },
  },
});

const data = resolve(values.data);
const read = readEpisodes(data);
for (const file of read.skipped) process.stderr.write(`verdict: ${file} is not in ${data}; skipped\n`);
const shown = 20;
for (const line of read.unreadable.slice(0, shown)) process.stderr.write(`verdict: ${line}; skipped\n`);
if (read.unreadable.length > shown)
  process.stderr.write(`verdict: and ${read.unreadable.length - shown} more lines; skipped\n`);
const episodes = read.episodes.filter((episode) => values.half === undefined || halfOf(episode) === values.half);
if (episodes.length === 0) {
  process.stderr.write(`verdict: no labelled data in ${data}; nothing was measured\n`);
  process.exit(3);
}

const { askTheLake, judge: decide, ruleGroups } = await load();
const started = performance.now();
const { prepared, queries } = await askTheLake(
  episodes.map(({ window }) => window),
  (done) => {
    if (done % 50 === 0 || done === episodes.length)
      process.stderr.write(`verdict: ${done} of ${episodes.length} cases asked\n`);
  },
);
const asked = performance.now();
const found = prepared.map((item) => judge(item));
const { speed } = speedOf();

/** A case that the lake cannot hold was not looked at: it is left to a person, and named. */
function judge(item, without) {
  return item.problem === undefined
    ? decide(item, without)
    : { verdict: { outcome: 'needs_review', probability: 0.5, severity: 'MEDIUM' }, evidence: [] };
}

const judgedBy = (list, of = episodes) =>
  list.map(({ verdict, evidence }, index) => ({
    id: of[index].id,
    source: of[index].source,
    half: halfOf(of[index]),
    label: of[index].label,
    verdict: verdict.outcome,
    probability: verdict.probability,
    confidence: verdict.probability,
    severity: verdict.severity,
    rules: evidence.map(({ rule }) => rule),
  }));
for (const [index, { problem }] of prepared.entries())
  if (problem !== undefined)
    process.stderr.write(`verdict: ${episodes[index].id} cannot be asked (${problem}); left to a person\n`);
const judged = judgedBy(found);
const without = (part) => figuresOf(judgedBy(prepared.map((item) => judge(item, part))));
const ablation = ['hostile', 'exculpatory', ...ruleGroups].map((part) => ({ without: part, ...without(part) }));
const variants = values.variants || toPage ? await judgeVariants() : [];
const signals = judged.filter(({ label }) => label === 'signal');
const bySource = [...new Set(judged.map(({ source }) => source))].map((source) => ({
  source,
  ...figuresOf(judged.filter((item) => item.source === source)),
}));
const halves = ['A', 'B'].map((half) => ({ half, ...figuresOf(judged.filter((item) => item.half === half)) }));
const result = {
  ...figuresOf(judged),
  intervals: intervals(judged),
  signals: {
    cases: signals.length,
    true_positive: signals.filter(isDetected).length,
    closed: signals.filter(isRejected).length,
  },
  by_source: bySource,
  halves,
  reliability: reliability(judged),
  ablation,
  variants: variants.map(({ kind, found: list }) => ({ kind, what: kinds[kind], ...figuresOf(list) })),
  cases_per_second: Math.round(speed),
  queries,
  seconds_of_queries: Number(((asked - started) / 1000).toFixed(1)),
  skipped: read.skipped,
  unreadable: read.unreadable,
  left_out: read.leftOut,
  episodes: judged,
};

if (values.json !== undefined) writeFileSync(resolve(values.json), `${JSON.stringify(result, null, 1)}\n`);
const report = verdictReport(result);
if (toPage) console.log(JSON.stringify(report));
else {
  show();
  for (const { name, measured, floor, met } of report.figures)
    console.log(`${met ? 'ok  ' : 'MISS'} ${name}: ${measured} (floor: ${floor})`);
  for (const note of report.notes) console.log(`- ${note}`);
  if (values.show === undefined) console.log(report.tables.join('\n'));
  if (report.figures.some(({ met }) => !met)) process.exitCode = 1;
}

/** Each kind of variant of the same episodes. */
async function judgeVariants() {
  const done = [];
  for (const kind of Object.keys(kinds)) {
    const made = variantsOf(episodes, kind);
    process.stderr.write(`verdict: ${made.length} variants, ${kinds[kind]}\n`);
    if (made.length === 0) continue;
    const answers = await askTheLake(
      made.map(({ window }) => window),
      () => {},
    );
    done.push({
      kind,
      found: judgedBy(
        answers.prepared.map((item) => judge(item)),
        made,
      ),
    });
  }
  return done;
}

/** Verdicts a second of one core, over at least two seconds of work on code that is warm. */
function speedOf() {
  let count = 0;
  const begun = process.cpuUsage();
  const used = () => {
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1e6;
  };
  while (used() < 2) {
    for (const item of prepared.slice(0, 50)) judge(item);
    count += Math.min(50, prepared.length);
  }
  return { speed: count / used() };
}

/** Cases with what was found, for whoever works on the rules. */
function show() {
  const all = [...judged, ...variants.flatMap(({ found: list }) => list)];
  for (const item of values.show === undefined ? [] : all) {
    const right = item.label === 'attack' ? isDetected(item) : item.label === 'benign' ? isRejected(item) : true;
    if (values.show !== 'all' && right) continue;
    console.log(`${item.label} ${item.id} ${item.verdict} ${item.probability} ${item.rules.join(', ')}`);
  }
}

async function load() {
  const folder = mkdtempSync(join(root, 'node_modules/.soc-bench-'));
  try {
    const outfile = join(folder, 'pipeline.mjs');
    await build({
      entryPoints: [join(root, 'bench/verdict-pipeline.ts')],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      logLevel: 'silent',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
