const names = {
  true_positive: 'TRUE POSITIVE',
  benign_positive: 'BENIGN POSITIVE',
  false_positive: 'FALSE POSITIVE',
  needs_review: 'NEEDS REVIEW',
};

/** Whatever is in a case was written by others at some point: nothing of it may act on the terminal, or hide there. */
const plain = (text) => String(text).replace(/[\s\p{C}\u{115f}\u{1160}\u{3164}\u{ffa0}]+/gu, ' ');

/** Prints a stored case for a person: what was decided, on what evidence, and what was not seen. */
export function printCase(record, reportPath, pagePath) {
  process.stdout.write(`${caseLines(record, reportPath, pagePath).join('\n')}\n`);
}

/** The same as lines of plain text. */
export function caseLines(record, reportPath, pagePath) {
  const lines = [
    '',
    `  ${plain(record.title)}`,
    `  Case ${record.id} · ${record.status} · severity ${record.severity}`,
  ];
  const probability = record.probability === null ? '' : ` (probability ${probabilityText(record.probability)})`;
  lines.push(
    '',
    `  Verdict: ${names[record.outcome] ?? 'NONE'}${probability}`,
    `  ${plain(record.reason ?? '')}`,
    '',
    '  Evidence',
  );
  for (const item of record.evidence) {
    const weight = `${item.weight >= 0 ? '+' : ''}${item.weight.toFixed(1)}`.padStart(5);
    lines.push(
      `  ${item.id.padEnd(4)} ${weight}  ${plain(item.statement)}${item.query_id ? `  [query ${plain(item.query_id)}]` : ''}`,
    );
  }
  const gaps = record.coverage.filter((item) => item.status !== 'complete');
  if (gaps.length > 0)
    lines.push(
      '',
      '  Not seen',
      ...gaps.map((item) => `       ${plain(item.label)}: ${plain(item.problem ?? item.status)}`),
    );
  const next = record.findings?.next_actions ?? [];
  if (next.length > 0) lines.push('', '  Next', ...next.map((step) => `       ${plain(step)}`));
  if (record.escalation)
    lines.push(
      '',
      `  Told: Slack ${plain(record.escalation.channel)}${record.escalation.permalink ? ` ${plain(record.escalation.permalink)}` : ''}`,
    );
  lines.push('', `  Report: ${reportPath}`);
  if (pagePath !== undefined) lines.push(`  To read in a browser: ${pagePath}`);
  lines.push('');
  return lines;
}

/** As in `operations/investigation/probability-text.ts`, which this program, which runs before a build, cannot import. */
function probabilityText(probability) {
  if (probability >= 0.995) return 'over 0.99';
  return probability < 0.005 ? 'under 0.01' : probability.toFixed(2);
}
