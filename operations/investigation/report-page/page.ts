import type { CaseHistoryEntry, CaseRecord } from '../../cases';
import { caseTimes, duration } from '../case-times';
import { probabilityText } from '../probability-text';
import { addedSection, relatedSection } from './added-sections';
import { htmlDocument } from './document';
import { drawEntities } from './entity-graph';
import { type Html, html, nothing } from './html';
import { attackSection, checkSection, coverageSection, evidenceSection } from './proof-sections';
import { historySection, responseSection } from './response-sections';
import { happenedSection, nextSection, unknownSection } from './story-sections';
import { drawTimeline } from './timeline-drawing';
import { timelineTable } from './timeline-table';

/** A technique that is expected and was not seen, with how often such an expectation came true. */
export interface PredictedTechnique {
  id: string;
  name: string;
  /** Share of past predictions of this kind that came true, 0 to 1; null where there is too little to say. */
  confidence: number | null;
  because: string;
}

export interface ReportSource {
  record: CaseRecord;
  /** The case's events in order. */
  history: readonly CaseHistoryEntry[];
  /** Null where no prediction was made. */
  predicted: readonly PredictedTechnique[] | null;
}

const outcomes = {
  true_positive: { words: 'True positive', look: 'hostile' },
  benign_positive: { words: 'Benign positive', look: 'good' },
  false_positive: { words: 'False positive', look: 'good' },
  needs_review: { words: 'Needs review', look: 'sensitive' },
} as const;
const severityLook = { LOW: 'plain', MEDIUM: 'plain', HIGH: 'sensitive', CRITICAL: 'hostile' } as const;

/**
 * The incident report as one HTML file: no scripts, nothing loaded from anywhere, readable on a phone, in the dark and on paper.
 * All foreign text is escaped. The same source gives the same bytes.
 */
export function renderReportPage(source: ReportSource): string {
  const { record, history } = source;
  return htmlDocument(
    `Incident report ${record.id}`,
    html`${head(source)}
${section('What happened', 'Detect · DE.AE, RS.AN', happenedSection(record))}
${section('What is not known', 'Detect · DE.AE', unknownSection(record))}
${section('Next actions', 'Respond · RS.MA, RS.MI', nextSection(record))}
${section('Time line', 'Respond · RS.AN', timeline(record))}
${section('Who, from where, on what', 'Respond · RS.AN', entities(record))}
${section('Evidence', 'Respond · RS.AN', evidenceSection(record))}
${record.additions.length === 0 ? nothing : section('Added by people and models', 'Respond · RS.AN', addedSection(record))}
${
  record.related_alerts.length + record.links.length === 0
    ? nothing
    : section('Related alerts and cases', 'Detect · DE.AE', relatedSection(record))
}
${section('ATT&CK', 'Respond · RS.AN', attackSection(source))}
${section('Told, approved, contained', 'Respond · RS.CO, RS.MI', responseSection(record, history))}
${section('What was looked at', 'Detect · DE.CM', coverageSection(record))}
${section('How to check this again', 'Respond · RS.AN', checkSection(record))}
${section('History of the case', 'Govern · GV.OV', historySection(history))}
<footer>Case ${record.id}, version ${record.version}. Sections carry the functions of NIST CSF 2.0 that they serve (SP 800-61r3). Times are UTC.${
      record.report_sha256 === null
        ? nothing
        : html` SHA-256 of the Markdown report: <span class="id">${record.report_sha256}</span>.`
    }</footer>`,
  );
}

function section(title: string, csf: string, body: Html): Html {
  return html`<section><h2>${title} <small>${csf}</small></h2>
${body}
</section>`;
}

function head({ record, history }: ReportSource): Html {
  const { outcome, probability, severity, alert } = record;
  const verdict = outcome === null ? { words: 'Not decided', look: 'sensitive' } : outcomes[outcome];
  const rule = alert.rule === null ? nothing : html` · rule ${alert.rule.name || alert.rule.id}`;
  return html`<p class="over">Incident report · <span class="id">${record.id}</span> · ${record.status.replace(/_/g, ' ')}</p>
<h1>${record.title}</h1>
<div class="pills"><span class="pill ${verdict.look}">${verdict.words}</span><span class="pill ${severityLook[severity]}">Severity ${severity.toLowerCase()}</span><span class="pill">${record.evidence.length} pieces of evidence</span></div>
<p class="lead">${record.reason ?? 'No evidence was correlated yet.'}</p>
<p class="over">Alert <span class="id">${alert.id}</span> from ${alert.source}, tenant ${alert.tenant}, raised ${alert.created_at}${rule}</p>
<div class="glance">
<div><b>${probability === null ? 'unknown' : probabilityText(probability)}</b><span>Probability of a true positive</span>${
    probability === null ? nothing : html`<p class="meter"><i style="width:${Math.round(probability * 100)}%"></i></p>`
  }</div>
${caseTimes(record, history).map(({ name, meaning, to, seconds }) => {
  const isToCome = to === null && record.closed_at === null;
  return html`<div title="${meaning}"><b>${isToCome ? 'not yet' : duration(seconds)}</b><span>${name}</span></div>
`;
})}</div>`;
}

function timeline({ findings, evidence }: CaseRecord): Html {
  const entries = findings?.timeline ?? [];
  if (entries.length === 0) return html`<p>No events.</p>`;
  return html`<div class="scroll">${drawTimeline(entries, evidence)}</div>
${timelineTable(entries, evidence)}`;
}

function entities({ alert, findings, evidence }: CaseRecord): Html {
  const named = alert.entities.slice(0, 60);
  return html`<div class="scroll">${drawEntities(findings?.timeline ?? [], evidence)}</div>
${
  named.length === 0
    ? html`<p>The alert names no entities.</p>`
    : html`<details><summary>${named.length === 1 ? 'The entity' : `The ${named.length} entities`} that the alert names</summary><ul>${named.map(({ type, value }) => html`<li>${type.replace(/_/g, ' ')} <code>${value}</code></li>`)}</ul></details>`
}`;
}
