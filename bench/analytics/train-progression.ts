import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tacticPosition, tactics } from '../../operations/analytics/attack/tactics';
import { attackVersion, techniqueNamed } from '../../operations/analytics/attack/technique';
import type { CoOccurrenceModel } from '../../operations/analytics/progression/co-occurrence';
import { type CallRecord, type Incident, type Report, readCalls, readReports, signatureOf } from './attack-data';
import { techniqueOptions, train } from './co-occurrence-training';
import { leaveOneOut, trainOnIncidents } from './incident-folds';
import { reliabilityOf } from './reliability';
import { crossValidated, fewestTechniques, vocabularyOf } from './report-folds';

const say = (text: string) => process.stderr.write(`train-progression: ${text}\n`);

/**
 * Trains on all reports and incidents below `data`, and writes three files below `root`: the model, the table of calls, and
 * the signatures of the reports it was trained on, by which a benchmark tells reports that the model has seen.
 */
export function trainAndWrite(data: string, root: string): void {
  const reports = readReports(data);
  const { calls, incidents } = readCalls(data);
  const held = crossValidated(reports, say, 2);
  const left = leaveOneOut(incidents, incidents, calls, say);
  const model = trainOnIncidents(incidents, calls);
  const place = new Map(model.ids.map((id, index) => [id, index]));
  write(join(root, 'operations/analytics/progression/progression-model.json'), {
    provenance: {
      made_by: 'node bench/train-progression.mjs',
      reports: `${reports.length} reports with a technique of ATT&CK for enterprises`,
      incidents: `${incidents.length} incidents in AWS with ${model.ids.length} calls`,
      licences: [
        'Weights between techniques: from the reports of the Technique Inference Engine, Center for Threat-Informed Defense, Apache-2.0',
        'Incidents and weights between calls: from TrailDiscover by Adan Alvarez, CC BY 4.0, changed: counted, weighted, shortened',
        'Ids of ATT&CK: (c) The MITRE Corporation, reproduced and distributed with its permission',
      ],
      attack_version: attackVersion,
    },
    techniques: train(reports, vocabularyOf(reports), techniqueOptions),
    calls: model,
    tactics: tacticsTogether(reports),
    incidents: [...incidents].sort(byName).map(({ name, url, calls: own }) => ({
      name,
      url,
      calls: own.map((id) => place.get(id)),
    })),
    reliability: {
      techniques: reliabilityOf(
        held.model,
        10,
        `five times a fifth of ${reports.length} reports held out, half of each told: ${held.model.length} halves`,
      ),
      calls: reliabilityOf(
        left.model,
        6,
        `each of ${left.incidents} incidents left out in turn, five times half of its calls told: ${left.model.length} halves`,
      ),
    },
  });
  write(join(root, 'operations/analytics/attack/cloudtrail-calls.json'), callTable(calls, incidents, model));
  // Shorter reports are part of many others and would make new ones look known.
  const told = reports.filter(({ length }) => length >= fewestTechniques);
  const signatures = [...new Set(told.map(signatureOf))].sort();
  writeFileSync(join(root, 'bench/analytics/trained-reports.txt'), `${signatures.join('\n')}\n`);
}

/**
 * How many reports have a technique of each tactic, and how many of both of two; only techniques of one tactic count,
 * because the others leave open what they were used for. Rows and columns in the order of the matrix.
 */
function tacticsTogether(reports: readonly Report[]): number[][] {
  const counts = tactics.map(() => tactics.map(() => 0));
  for (const report of reports) {
    const reached = new Set(
      report.flatMap((id) => {
        const own = techniqueNamed(id)?.tactics ?? [];
        return own.length === 1 ? own.map(tacticPosition) : [];
      }),
    );
    for (const a of reached) {
      const row = counts[a];
      if (row !== undefined) for (const b of reached) row[b] = (row[b] ?? 0) + 1;
    }
  }
  return counts;
}

const byName = (a: Incident, b: Incident) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.url < b.url ? -1 : 1);

/** `[call, techniques, tactics, incidents in which it was seen]`, sorted; texts keep the file small. */
function callTable(calls: readonly CallRecord[], incidents: readonly Incident[], model: CoOccurrenceModel) {
  const counts = new Map(model.ids.map((id, index) => [id, model.counts[index] ?? 0]));
  const rows = calls.map(({ id, techniques, tactics }) =>
    [id, techniques.join(' '), tactics.join(' '), counts.get(id) ?? 0].join('|'),
  );
  return {
    provenance: {
      made_by: 'node bench/train-progression.mjs',
      from: `TrailDiscover by Adan Alvarez, CC BY 4.0; ${calls.length} calls, ${incidents.length} incidents. Changed: only names, techniques, tactics and a count; retired ids of ATT&CK replaced`,
      columns: 'call|techniques|tactics|incidents',
    },
    calls: rows.sort(),
  };
}

function write(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value)}\n`);
}
