import type { EvidenceItem, TimelineEntry } from '../evidence';
import { tellingEvidence } from '../telling-evidence';
import { citations } from './citations';
import { type Html, html, nothing } from './html';

/** Every entry of the time line; the drawing above it shows the same at a glance. */
export function timelineTable(entries: readonly TimelineEntry[], evidence: readonly EvidenceItem[]): Html {
  const hostile = new Set(tellingEvidence(evidence).map(({ id }) => id));
  return html`<details${entries.length <= 15 ? html` open` : nothing}><summary>All ${entries.length} entries</summary>
<div class="scroll"><table class="cards"><thead><tr><th>UTC</th><th>Who</th><th>Action</th><th>Target</th><th>From</th><th>Result</th><th>Evidence</th></tr></thead><tbody>
${entries.map(
  (
    entry,
  ) => html`<tr class="${entry.evidence_ids.some((id) => hostile.has(id)) ? 'hostile' : 'plain'}"><td class="time">${when(entry)}</td><td data-name="Who" class="who">${entry.actor}</td><td><code class="keep">${entry.action}</code></td><td data-name="Target" class="who">${entry.target ?? '–'}</td><td data-name="From" class="keep">${entry.source_ip ?? '–'}</td><td class="keep">${entry.count > 1 ? `${entry.count} × ` : ''}${entry.result}</td><td>${citations(entry.evidence_ids)}</td></tr>
`,
)}</tbody></table></div></details>`;
}

function when({ first_at, last_at, count }: TimelineEntry): string {
  const short = (time: string) => time.replace('T', ' ').replace(/(?:\.\d+)?Z$/, '');
  return count > 1 && first_at !== last_at ? `${short(first_at)} to ${short(last_at).slice(-8)}` : short(first_at);
}
