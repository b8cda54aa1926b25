import { type Html, html, nothing } from './html';

/** Links to the rows of the evidence table. */
export function citations(ids: readonly string[]): Html {
  if (ids.length === 0) return nothing;
  return html`<span class="cites">${ids.map((id) => html`<a href="#${id}">${id}</a>`)}</span>`;
}
