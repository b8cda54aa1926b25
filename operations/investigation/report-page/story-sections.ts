import type { CaseRecord } from '../../cases';
import { oddities } from '../alert-coverage';
import type { EvidenceItem } from '../evidence';
import { citations } from './citations';
import { type Html, html, nothing } from './html';

/** What the evidence says, each statement with the piece it rests on. */
export function happenedSection({ evidence }: CaseRecord): Html {
  const hostile = evidence.filter(({ family }) => family === 'hostile');
  const innocent = evidence.filter(({ family }) => family === 'exculpatory');
  return html`${
    hostile.length === 0 ? html`<p>Nothing that points to an attack was found.</p>` : statements(hostile)
  }${innocent.length === 0 ? nothing : html`<h3>What speaks for an innocent explanation</h3>${statements(innocent)}`}`;
}

function statements(items: readonly EvidenceItem[]): Html {
  return html`<ul>${items.map(
    ({ id, statement }) => html`<li class="statement">${statement} ${citations([id])}</li>
`,
  )}</ul>`;
}

/** What could not be looked at, and what would change the outcome. */
export function unknownSection({ alert, findings, coverage }: CaseRecord): Html {
  const gaps = [...(findings?.verdict.not_seen ?? ['No evidence was correlated.']), ...oddities(alert)];
  // No reason to ask again, and all the same nobody has looked there.
  const absent = coverage.filter(({ status }) => status === 'not_available');
  const flips = findings?.verdict.would_flip_if ?? [];
  return html`${
    gaps.length === 0
      ? html`<p>Every question that was asked was answered in full. Logs that were not asked are not covered.</p>`
      : html`<ul>${gaps.map((gap) => html`<li>${gap}</li>`)}</ul>`
  }${
    absent.length === 0
      ? nothing
      : html`<h3>What this tenant does not have</h3><ul>${absent.map(({ label, problem }) => html`<li><code>${label}</code>${problem === null ? nothing : html`: ${problem}`}</li>`)}</ul>`
  }${flips.length === 0 ? nothing : html`<h3>The outcome would change if</h3><ul>${flips.map((flip) => html`<li>${flip}</li>`)}</ul>`}`;
}

export function nextSection({ findings }: CaseRecord): Html {
  const actions = findings?.next_actions ?? [];
  if (actions.length === 0) return html`<p>None.</p>`;
  return html`<ol>${actions.map((action) => html`<li>${action}</li>`)}</ol>`;
}
