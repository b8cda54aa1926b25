import type { CaseRecord } from '../../cases';
import { authorWords } from '../report-additions';
import { type Html, html, nothing } from './html';

/** What people and models added, with who and when; apart from the evidence, because it weighs nothing. */
export function addedSection({ additions }: CaseRecord): Html {
  return html`<p class="over">None of this has a weight in the verdict; it can only ask for more care.</p>
<table class="cards"><thead><tr><th>Id</th><th>UTC</th><th>By</th><th>What</th><th>Asks for</th></tr></thead><tbody>
${additions.map(
  ({ id, at, author, kind, text, source, scrutiny, severity }) =>
    html`<tr><td><b>${id}</b></td><td class="time">${at.replace('T', ' ').replace(/(?:\.\d+)?Z$/, '')}</td><td data-name="By">${authorWords(author)}</td><td>${text}<br><span class="over">${kind === 'note' ? 'note' : `statement, source ${source ?? 'not given'}`}</span></td><td data-name="Asks for">${
      [...(scrutiny === 'raise' ? ['a closer look'] : []), ...(severity === null ? [] : [`at least ${severity}`])].join(
        ', ',
      ) || '–'
    }</td></tr>
`,
)}</tbody></table>`;
}

/** Alerts that joined the case, and cases it is linked with. */
export function relatedSection({ related_alerts, links }: CaseRecord): Html {
  const alerts = html`<table class="cards"><thead><tr><th>Raised</th><th>Alert</th><th>Severity</th><th>Shares</th><th>Covered by the queries</th></tr></thead><tbody>
${related_alerts.map(
  ({ alert, shares, looked_at }) =>
    html`<tr class="${looked_at ? 'plain' : 'gap'}"><td class="time">${alert.created_at.replace('T', ' ').replace(/(?:\.\d+)?Z$/, '')}</td><td>${alert.title}<br><span class="id">${alert.id}</span></td><td data-name="Severity">${alert.severity}</td><td data-name="Shares">${shares.join(', ')}</td><td data-name="Covered">${looked_at ? 'yes' : 'no'}</td></tr>
`,
)}</tbody></table>`;
  const cases = html`<h3>Linked cases</h3><ul>${links.map(
    ({ case_id, reason }) => html`<li><code>${case_id}</code> ${reason}</li>`,
  )}</ul>`;
  return html`${related_alerts.length === 0 ? nothing : alerts}${links.length === 0 ? nothing : cases}`;
}
