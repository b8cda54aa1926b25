import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PartResult } from './part';
import { parts } from './parts';

export interface Report {
  title: string;
  bench: 'analytics';
  json: Record<string, unknown>;
  figures: PartResult['figures'];
  notes: string[];
  tables: string[];
  /** Parts that could not run, each with the files that it lacks. */
  skipped: { part: string; missing: string[] }[];
}

/** Runs the parts one after another over the files below `data`; `only` names those wanted, all unless given. */
export async function measure(data: string, only: readonly string[], say: (text: string) => void): Promise<Report> {
  const unknown = only.filter((name) => !parts.some((part) => part.name === name));
  if (unknown.length > 0)
    throw new Error(`there is no part ${unknown.join(', ')}; there are ${parts.map(({ name }) => name).join(', ')}`);
  const report: Report = {
    title: 'Analytics',
    bench: 'analytics',
    json: {},
    figures: [],
    notes: [],
    tables: [],
    skipped: [],
  };
  for (const part of parts.filter(({ name }) => only.length === 0 || only.includes(name))) {
    const missing = part.needs.filter((file) => !existsSync(join(data, file)));
    if (missing.length > 0) {
      say(`${part.name} is skipped: ${data} lacks ${missing.join(', ')}`);
      report.skipped.push({ part: part.name, missing });
      report.notes.push(`${part.name} was skipped for want of ${missing.join(', ')}.`);
      continue;
    }
    say(part.name);
    const result = await part.run(data, (text) => say(`${part.name}: ${text}`));
    if (result.skipped !== undefined) {
      report.skipped.push({ part: part.name, missing: result.skipped });
      report.notes.push(`${part.name} was skipped: ${result.skipped.join(', ')}.`);
      continue;
    }
    Object.assign(report.json, result.json);
    report.figures.push(...result.figures);
    report.notes.push(...result.notes);
    if (result.tables !== undefined) report.tables.push(...(report.tables.length > 0 ? [''] : []), ...result.tables);
  }
  return report;
}
