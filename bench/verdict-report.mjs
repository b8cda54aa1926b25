const floors = { tp_detection: 0.97, fp_rejection: 0.8 };
/** Published for an agent with a large model on replayed cloud cases (SIR-Bench, arXiv 2604.12040): other cases than these. */
const published = { tp_detection: 0.971, fp_rejection: 0.734 };

/**
 * The rules were worked on with half A only; then half B was looked at for the first time. After that its plain faults were
 * corrected too, so the figures above are no longer unseen.
 */
const firstLook = {
  A: { detected: 17, attacks: 17, rejected: 55, benign: 71 },
  B: { detected: 23, attacks: 24, rejected: 57, benign: 88 },
};

/** The result as the page of benchmarks wants it. */
export function verdictReport(result) {
  const { intervals, signals } = result;
  const between = (name) => (intervals[name] === null ? '' : ` (95 %: ${intervals[name].map(number).join(' to ')})`);
  const figure = (name, title, count, meaning) => ({
    name: title,
    measured: `${number(result[name])}${between(name)}`,
    floor: `at least ${floors[name]}, on ${count} cases`,
    // Nothing of the kind in the data is nothing missed.
    met: result[name] === null || result[name] >= floors[name],
    meaning,
  });
  const free = (name, title, meaning) => ({
    name: title,
    measured: `${number(result[name])}${between(name)}`,
    floor: 'none set',
    met: true,
    meaning,
  });
  return {
    bench: 'verdict',
    title: 'Verdict',
    figures: [
      figure(
        'tp_detection',
        'Attacks called true positives',
        result.attacks,
        'a case left to a person is not detected.',
      ),
      figure(
        'fp_rejection',
        'Benign cases closed',
        result.benign,
        'as false or benign positive; a case left to a person is not rejected.',
      ),
      free('needs_review', 'Cases left to a person', 'of attacks and benign cases together.'),
      {
        name: 'Attacks closed',
        measured: `${result.attacks_closed} of ${result.attacks}`,
        floor: 'none',
        met: result.attacks_closed === 0,
        meaning: 'the fault that costs most: nobody looks at a closed case.',
      },
      free('brier', 'Brier score', 'mean square of probability less truth; 0.25 is what even odds would get.'),
      {
        name: 'Verdicts a second',
        measured: result.cases_per_second.toLocaleString('en-US'),
        floor: 'none set',
        met: true,
        meaning: `reading the answers of the queries, all rules, evidence and time line, on one core. The ${result.queries} queries before took ${result.seconds_of_queries} s.`,
      },
    ],
    notes: [
      "A case is a window of CloudTrail records and an alert that names its principal and addresses, nothing else: no label, technique, rule or tool. The alert goes through the reader of alerts and the plan; the plan's own SQL runs on the sandbox's data lake, which holds the window, and, where a source reaches back more than 8 hours, what came before; the answers go to correlate_evidence. Each case gets days of its own, so that no query sees another case.",
      "Attacks: recorded detonations of one technique each, and, in the recording of a whole account, runs of a user's calls (cut at pauses of 10 s, whatever the labels) in which a detonation happened. Probes and reverting calls of the tool are no attack. Benign: the other runs of the same users, who set up and tear down with Terraform what is then attacked; console sessions; tests of Panther's rules that must not alert.",
      `Tests that must alert are a third kind: that a rule matches does not make an attack. Of ${signals.cases}, ${signals.true_positive} were called true positives and ${signals.closed} closed (mostly reads and ordinary changes that such rules report for information).`,
      'None of the sources reaches back the 3 active days that habits take, so the rules on novelty and routine are silent here: what is measured is judging an unknown principal by its acts. GitLab is not asked.',
      `Worked on with half A of the cases only (halves by a hash of technique, rule, session or window): A ${counts(firstLook.A)}; then B, unseen: ${counts(firstLook.B)}. The general faults that B showed were corrected afterwards: ${result.halves.map((half) => `${half.half} now ${number(half.tp_detection)} and ${number(half.fp_rejection)}`).join(', ')}. No weight is fitted to data; they are steps of judgement (weak under 1, moderate, strong from 2.2).`,
      ...(result.variants.length > 0
        ? [
            'Variants are made from these cases with fixed seeds and are simulated: of the tests of rules every third one, and of cases of one call none that is thinned or cut. A piece of a session can hold what looks hostile without the rest of it, and where a cut takes the listing of secrets away, only readings under one name are left, because the recordings hide names.',
          ]
        : []),
      `Published for an agent with a large language model on other cases (SIR-Bench): ${published.tp_detection} detection and ${published.fp_rejection} rejection.`,
      `Expected calibration error ${number(result.reliability.expected_calibration_error)}: probabilities near 0.9 are too sure on these near misses, those below 0.3 are not sure enough.`,
      ...(result.skipped.length > 0 ? [`Not there, and skipped: ${result.skipped.join(', ')}.`] : []),
    ],
    tables: [...sources(result), '', ...variantTable(result), ...calibration(result), '', ...ablation(result)],
  };
}

function sources({ by_source }) {
  return [
    '| cases | attacks | detected | benign | closed | left to a person | attacks closed | false alarms | Brier |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...by_source.map(
      (part) =>
        `| ${part.source} | ${part.attacks} | ${number(part.tp_detection)} | ${part.benign} | ${number(part.fp_rejection)} | ${number(part.needs_review)} | ${part.attacks_closed} | ${part.false_alarms} | ${number(part.brier)} |`,
    ),
  ];
}

function variantTable({ variants }) {
  if (variants.length === 0) return [];
  return [
    '| variants of the cases (simulated) | attacks | detected | benign | closed | attacks closed | false alarms |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...variants.map(
      (row) =>
        `| ${row.what} | ${row.attacks} | ${number(row.tp_detection)} | ${row.benign} | ${number(row.fp_rejection)} | ${row.attacks_closed} | ${row.false_alarms} |`,
    ),
    '',
  ];
}

function calibration({ reliability }) {
  return [
    '| stated probability | cases | mean stated | attacks among them |',
    '| --- | --- | --- | --- |',
    ...reliability.bins.map(
      ({ from, to, cases, stated, seen }) => `| ${from} to ${to} | ${cases} | ${number(stated)} | ${number(seen)} |`,
    ),
  ];
}

/** Only what changes something: groups that no case needs are named in one line. */
function ablation(result) {
  const same = (row) => ['tp_detection', 'fp_rejection', 'needs_review'].every((name) => row[name] === result[name]);
  const changed = result.ablation.filter((row) => !same(row));
  const silent = result.ablation.filter(same).map(({ without }) => without);
  return [
    '| without | detected | closed | left to a person | attacks closed | Brier |',
    '| --- | --- | --- | --- | --- | --- |',
    ...[{ ...result, without: 'nothing' }, ...changed].map(
      (row) =>
        `| ${row.without} | ${number(row.tp_detection)} | ${number(row.fp_rejection)} | ${number(row.needs_review)} | ${row.attacks_closed} | ${number(row.brier)} |`,
    ),
    '',
    `Without these nothing changes on this data: ${silent.join(', ')}.`,
  ];
}

function counts({ detected, attacks, rejected, benign }) {
  return `${detected} of ${attacks} detected, ${rejected} of ${benign} closed`;
}

function number(value) {
  return value === null || value === undefined ? '–' : value.toFixed(3);
}
