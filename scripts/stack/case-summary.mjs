const names = {
  true_positive: 'TRUE POSITIVE',
  benign_positive: 'BENIGN POSITIVE',
  false_positive: 'FALSE POSITIVE',
  needs_review: 'NEEDS REVIEW',
};

/** Prints a stored case for a person: what was decided, on what evidence, and what was not seen. */
export function printCase(record, reportPath) {
  const lines = ['', `  ${record.title}`, `  Case ${record.id} · ${record.status} · severity ${record.severity}`];
  const probability = record.probability === null ? '' : ` (probability ${record.probability.toFixed(2)})`;
  lines.push(
    '',
    `  Verdict: ${names[record.outcome] ?? 'NONE'}${probability}`,
    `  ${record.reason ?? ''}`,
    '',
    '  Evidence',
  );
  for (const item of record.evidence) {
    const weight = `${item.weight >= 0 ? '+' : ''}${item.weight.toFixed(1)}`.padStart(5);
    lines.push(
      `  ${item.id.padEnd(4)} ${weight}  ${item.statement}${item.query_id ? `  [query ${item.query_id}]` : ''}`,
    );
  }
  const gaps = record.coverage.filter((item) => item.status !== 'complete');
  if (gaps.length > 0)
    lines.push('', '  Not seen', ...gaps.map((item) => `       ${item.label}: ${item.problem ?? item.status}`));
  if (record.escalation)
    lines.push(
      '',
      `  Told: Slack ${record.escalation.channel}${record.escalation.permalink ? ` ${record.escalation.permalink}` : ''}`,
    );
  lines.push('', `  Report: ${reportPath}`, '');
  process.stdout.write(`${lines.join('\n')}\n`);
}
