import { techniqueNamed } from '../../analytics/attack/technique';
import type { CaseRecord } from '../../cases';
import { sha256 } from '../canonical-json';
import type { EvidenceItem } from '../evidence';
import { citations } from './citations';
import { type Html, html, nothing, preformatted } from './html';
import type { ReportSource } from './page';

/** Each piece of evidence with its weight, its query and the hash of the rows it rests on. */
export function evidenceSection({ evidence }: CaseRecord): Html {
  if (evidence.length === 0) return html`<p>None.</p>`;
  const heaviest = Math.max(...evidence.map(({ weight }) => Math.abs(weight)), 0.01);
  return html`<p class="over">Weights are log-odds after the caps: positive points to an attack, negative away from it.</p>
<table class="cards"><thead><tr><th>Id</th><th>Statement</th><th>Weight</th><th>Rests on</th></tr></thead><tbody>
${evidence.map((item) => evidenceRow(item, heaviest))}</tbody></table>`;
}

function evidenceRow(item: EvidenceItem, heaviest: number): Html {
  const size = Math.max(2, Math.round((Math.abs(item.weight) / heaviest) * 46));
  const rows = item.row_refs.slice(0, 6);
  const more = item.row_refs.length - rows.length;
  return html`<tr class="${item.family}" id="${item.id}"><td><b>${item.id}</b></td><td>${item.statement}<br><span class="over">${item.family}, ${item.strength}, rule <code>${item.rule}</code>${
    item.techniques.length === 0 ? nothing : html`, ${item.techniques.join(', ')}`
  }</span></td><td class="number"><span class="bar ${item.family}" style="width:${size}px"></span>${signed(item.weight)}</td><td>query <code class="keep">${item.query_label ?? '–'}</code>${item.query_id === null ? nothing : html` <code>${item.query_id}</code>`}<details><summary>${item.row_refs.length === 1 ? '1 row' : `${item.row_refs.length} rows`}</summary>${rows.map((ref) => html`<code>${ref}</code><br>`)}${
    more > 0 ? `and ${more} more` : ''
  } SHA-256 <span class="id">${item.row_sha256 ?? '–'}</span></details></td></tr>
`;
}

function signed(weight: number): string {
  return `${weight > 0 ? '+' : ''}${weight.toFixed(2)}`;
}

/** What was seen and what is only expected, apart from each other. */
export function attackSection({ record, predicted }: ReportSource): Html {
  const observed = new Map<string, string[]>();
  for (const { family, techniques, id } of record.evidence) {
    if (family !== 'hostile') continue;
    for (const technique of techniques) observed.set(technique, [...(observed.get(technique) ?? []), id]);
  }
  const seen = [...observed].sort(([a], [b]) => (a < b ? -1 : 1));
  return html`<div class="two"><div><h3>Observed</h3>${
    seen.length === 0
      ? html`<p>No technique was observed.</p>`
      : html`<ul>${seen.map(([id, ids]) => html`<li class="statement"><code>${id}</code> ${techniqueNamed(id)?.name ?? ''} ${citations(ids)}</li>`)}</ul>`
  }</div><div><h3>Predicted, not seen</h3>${predictions(predicted)}</div></div>`;
}

function predictions(predicted: ReportSource['predicted']): Html {
  if (predicted === null) return html`<p>No prediction was made.</p>`;
  if (predicted.length === 0) return html`<p>Too little was observed to say what might come next.</p>`;
  return html`<ul>${predicted.map(
    ({ id, name, confidence, because }) =>
      html`<li><code>${id}</code> ${name} <span class="over">${confidence === null ? 'too little data for a rate' : `such predictions came true in ${Math.round(confidence * 100)} % of cases`}; ${because}</span></li>`,
  )}</ul>`;
}

/** What was asked, and what of it was answered. */
export function coverageSection({ coverage }: CaseRecord): Html {
  if (coverage.length === 0) return html`<p>Nothing was asked.</p>`;
  return html`<table class="cards"><thead><tr><th>Asked</th><th>Source</th><th>Status</th><th>Rows</th><th>Query id</th><th>Problem</th></tr></thead><tbody>
${coverage.map(
  ({ label, source, status, rows, query_id, problem }) =>
    html`<tr class="${status === 'complete' ? 'plain' : 'gap'}"><td><code class="keep">${label}</code></td><td data-name="Source">${source}</td><td>${status.replace(/_/g, ' ')}</td><td data-name="Rows" class="number">${rows ?? '–'}</td><td data-name="Query"><code>${query_id ?? '–'}</code></td><td>${problem ?? ''}</td></tr>
`,
)}</tbody></table>`;
}

/** Every query with its text, to be run again. */
export function checkSection({ findings, coverage }: CaseRecord): Html {
  const ids = new Map(coverage.map(({ label, query_id }) => [label, query_id]));
  return html`<p>Open a query by its id in Panther, or run its SQL again. The hash of the rows is SHA-256 over the rows that the evidence cites, each as canonical JSON (RFC 8785), sorted, in one list.</p>
${(findings?.queries ?? []).map(
  ({ label, purpose, sql }) =>
    html`<details><summary><code>${label}</code> ${purpose}</summary><p class="over">Query id <code>${ids.get(label) ?? '–'}</code>, SHA-256 of the SQL <span class="id">${sha256(sql)}</span></p><pre>${preformatted(sql)}</pre></details>
`,
)}`;
}
