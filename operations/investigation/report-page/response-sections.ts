import type { CaseHistoryEntry, CaseRecord } from '../../cases';
import { type Html, html, nothing } from './html';

/** Kinds of events that tell who was told, who decided, and what was done about it. */
const responseKinds = /^(?:escalat|acknowledg|approval_|response_|case_assigned)/;

/** Who was told and when somebody took it, then approvals and containment in order. */
export function responseSection({ escalation }: CaseRecord, history: readonly CaseHistoryEntry[]): Html {
  const log = history.filter(({ type }) => responseKinds.test(type));
  const contained = log.some(({ type }) => type.startsWith('response_'));
  return html`${
    escalation === null
      ? html`<p>Nobody was told in Slack.</p>`
      : html`<p>Told in Slack channel <code>${escalation.channel}</code>, message <code>${escalation.ts}</code>${
          escalation.permalink === null ? nothing : html`, <code>${escalation.permalink}</code>`
        }.</p>`
  }${contained ? nothing : html`<p>Nothing was changed: no containment was carried out from this case.</p>`}${
    log.length === 0 ? nothing : events(log)
  }`;
}

/** Every event of the case; the hashes chain each to the one before. */
export function historySection(history: readonly CaseHistoryEntry[]): Html {
  if (history.length === 0) return html`<p>No events.</p>`;
  return html`<details><summary>${history.length} events, each chained to the one before by its hash</summary>${events(history)}</details>`;
}

function events(entries: readonly CaseHistoryEntry[]): Html {
  return html`<table class="cards"><thead><tr><th>UTC</th><th>Event</th><th>What</th><th>Hash</th></tr></thead><tbody>
${entries.map(
  ({ at, type, summary, hash }) =>
    html`<tr><td class="time">${at.replace('T', ' ').replace(/(?:\.\d+)?Z$/, '')}</td><td>${type.replace(/_/g, ' ')}</td><td>${summary}</td><td data-name="Hash"><span class="id">${hash.slice(0, 12)}</span></td></tr>
`,
)}</tbody></table>`;
}
