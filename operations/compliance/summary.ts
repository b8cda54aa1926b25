import { controls } from './controls';
import type { Manifest } from './manifest';

const mostReasons = 6;

/** A package in a few lines of plain text, its gaps first: for a message to people. */
export function summaryOf(manifest: Manifest, manifestSha256: string): string {
  const { period, status, reasons, controls: outcomes } = manifest;
  const sum = (key: 'exceptions' | 'leads') => outcomes.reduce((total, outcome) => total + outcome[key], 0);
  const lines = [
    `${status}: evidence package for ${period.first_day}${period.days === 1 ? '' : ` to ${period.last_day}`} (${period.zone})`,
    `${sum('exceptions')} exceptions, ${sum('leads')} leads; ${outcomes.filter(({ state }) => state === 'tested').length} of ${outcomes.length} controls tested in full.`,
  ];
  if (reasons.length > 0) {
    lines.push('What is missing:');
    for (const reason of reasons.slice(0, mostReasons))
      lines.push(`- ${reason.length > 300 ? `${reason.slice(0, 297)}...` : reason}`);
    if (reasons.length > mostReasons) lines.push(`- and ${reasons.length - mostReasons} more`);
  }
  const found = outcomes.filter(({ exceptions }) => exceptions > 0);
  if (found.length > 0) {
    lines.push('Exceptions by control:');
    for (const { control, exceptions } of found) lines.push(`- ${controls[control].title}: ${exceptions}`);
  }
  const untested = outcomes.filter(({ state }) => state === 'not_tested');
  if (untested.length > 0)
    lines.push(`Not tested: ${untested.map(({ control }) => controls[control].title).join(', ')}.`);
  lines.push(`SHA-256 of the manifest: ${manifestSha256}`);
  lines.push(manifest.chain);
  return lines.join('\n');
}
