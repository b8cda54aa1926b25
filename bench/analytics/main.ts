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
  /** Parts that ended with an error. */
  failed: { part: string; message: string }[];
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
    failed: [],
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
    let result: PartResult;
    try {
      result = await part.run(data, (text) => say(`${part.name}: ${text}`));
    } catch (error) {
      // The figures of the other parts are worth having; the command ends with a status of its own.
      const { message } = error as Error;
      say(`${part.name} failed: ${message}`);
      report.failed.push({ part: part.name, message });
      report.notes.push(`${part.name} failed: ${message}`);
      continue;
    }
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
