/**
 * What a benchmark prints with `--json`. `figures` have a floor; `notes` are sentences that explain them;
 * `tables` are lines of Markdown behind them.
 * @typedef {{name: string, measured: string, floor: string, met: boolean, meaning: string}} Figure
 * @typedef {{bench: string, title: string, figures: Figure[], notes: string[], tables?: string[]}} Result
 */

const head = `# Benchmarks

Written by \`node bench/run.mjs\`, which runs everything here; \`node bench/run.mjs NAME\` runs one and replaces its part. Each
starts what it needs by itself, over simulated data, on loopback. A figure that misses its floor ends the command with status 1.
Ratios of two measurements in one run say more than times, which depend on the machine and on what else it does.
`;

/** The part of the page for one result, between marks that find it again. @param {Result} result */
export function section(result, { date, machine, command }) {
  const rows = result.figures.map(
    ({ name, measured, floor, met }) =>
      `| ${cell(name)} | ${cell(measured)}${met ? '' : ' (missed)'} | ${cell(floor)} |`,
  );
  const lines = [
    ...result.figures.map(({ name, meaning }) => `- ${name}: ${meaning}`),
    ...result.notes.map((note) => `- ${note}`),
  ];
  return [
    begin(result.bench),
    `## ${result.title}`,
    '',
    `\`${command}\` on ${date}, ${machine}.`,
    '',
    '| figure | measured | floor |',
    '| --- | --- | --- |',
    ...rows,
    '',
    ...lines,
    ...(result.tables === undefined ? [] : ['', ...result.tables, '']),
    end(result.bench),
  ].join('\n');
}

/** The page with these sections in place of the ones of the same name; others stay as they were. */
export function page(before, sections) {
  const kept = new Map();
  for (const [, name] of before.matchAll(/<!-- begin ([a-z-]+) -->/g)) {
    const from = before.indexOf(begin(name));
    const to = before.indexOf(end(name), from);
    if (to > from) kept.set(name, before.slice(from, to + end(name).length));
  }
  for (const [name, text] of Object.entries(sections)) kept.set(name, text);
  return `${[head, ...[...kept.keys()].sort().map((name) => `${kept.get(name)}\n`)].join('\n')}`;
}

/** The figures of the SQL guard, which prints counts and times. @returns {Result} */
export function guardResult({ rounds, results, long_characters: characters, long_ms: ms }) {
  const figures = results.flatMap((result) => {
    const share = result.guard_us_per_query / result.parser_us_per_query;
    return [
      {
        name: `Hostile statements accepted (${result.dialect})`,
        measured: `${result.hostile_accepted} of ${result.hostile}`,
        floor: 'none',
        met: result.hostile_accepted === 0,
        meaning: 'statements that write, escape the window of time or read what they may not.',
      },
      {
        name: `Legitimate statements refused (${result.dialect})`,
        measured: `${result.legitimate_refused} of ${result.legitimate}`,
        floor: 'none',
        met: result.legitimate_refused === 0,
        meaning: 'statements that a hunt or a detection really asks.',
      },
      {
        name: `Time of a check, compared with a full parser that only parses (${result.dialect})`,
        measured: `${share.toFixed(2)} (${result.guard_us_per_query.toFixed(0)} µs a query)`,
        floor: 'none set',
        met: true,
        meaning: `mean over ${rounds} rounds of ${result.legitimate} queries of ${Math.round(result.characters_per_query)} characters.`,
      },
    ];
  });
  const notes = [`A statement of ${characters.toLocaleString('en-US')} characters is checked in ${ms.toFixed(1)} ms.`];
  return { bench: 'sql-guard', title: 'SQL guard', figures, notes };
}

const begin = (name) => `<!-- begin ${name} -->`;
const end = (name) => `<!-- end ${name} -->`;

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
