import type { EvidenceItem, TimelineEntry } from '../evidence';
import { tellingEvidence } from '../telling-evidence';
import { type Html, html, nothing, shortened } from './html';

const width = 1000;
const rowHeight = 40;
const nodeWidth = 236;
const mostInColumn = 9;
const columns = ['From address', 'Who', 'Acted on'] as const;
const leftOf = [6, (width - nodeWidth) / 2, width - nodeWidth - 6] as const;

interface Link {
  from: string;
  to: string;
  calls: number;
  isHostile: boolean;
  actions: Set<string>;
}

/**
 * Who came from where and acted on what, in three columns; hostile links are drawn strong. The nodes that hostile evidence is
 * about come first, then those with the most calls; what does not fit is counted under its column.
 */
export function drawEntities(entries: readonly TimelineEntry[], evidence: readonly EvidenceItem[]): Html {
  const hostile = new Set(tellingEvidence(evidence).map(({ id }) => id));
  const origins = new Map<string, Link>();
  const targets = new Map<string, Link>();
  for (const entry of entries) {
    const isHostile = entry.evidence_ids.some((id) => hostile.has(id));
    if (entry.source_ip !== null) add(origins, entry.source_ip, entry.actor, entry, isHostile);
    if (entry.target !== null) add(targets, entry.actor, entry.target, entry, isHostile);
  }
  const links = [[...origins.values()], [...targets.values()]] as const;
  if (links.flat().length === 0) return nothing;
  const nodes = [
    ranked(links[0].map((link) => [link.from, link])),
    ranked([...links[0].map((link): Named => [link.to, link]), ...links[1].map((link): Named => [link.from, link])]),
    ranked(links[1].map((link) => [link.to, link])),
  ];
  const shown = nodes.map((list) => list.slice(0, mostInColumn));
  const rows = Math.max(...shown.map(({ length }) => length));
  const height = 34 + rows * rowHeight + 22;
  // Columns with fewer nodes stand in the middle, so that links stay short.
  const topOf = (column: number) => 34 + ((rows - (shown[column]?.length ?? 0)) * rowHeight) / 2;
  const middleOf = (column: number, name: string) => {
    const index = shown[column]?.findIndex((node) => node.name === name) ?? -1;
    return index < 0 ? undefined : topOf(column) + index * rowHeight + rowHeight / 2 - 3;
  };
  return html`<svg class="drawing" viewBox="0 0 ${width} ${height}" role="img" aria-label="Who came from where and acted on what">
${columns.map((title, column) => html`<text class="column" x="${(leftOf[column] ?? 0) + nodeWidth / 2}" y="16" text-anchor="middle">${title}</text>`)}
${[0, 1].flatMap((column) =>
  [...(links[column] ?? [])]
    .sort((a, b) => Number(a.isHostile) - Number(b.isHostile))
    .map((link) => drawLink(link, column, middleOf)),
)}
${shown.flatMap((list, column) => list.map(({ name, isHostile }, index) => drawNode(name, isHostile, leftOf[column] ?? 0, topOf(column) + index * rowHeight)))}
${nodes.map((list, column) => (list.length > mostInColumn ? html`<text class="more" x="${(leftOf[column] ?? 0) + nodeWidth / 2}" y="${height - 6}" text-anchor="middle">and ${list.length - mostInColumn} more</text>` : nothing))}
</svg>`;
}

function add(links: Map<string, Link>, from: string, to: string, entry: TimelineEntry, isHostile: boolean): void {
  const key = JSON.stringify([from, to]);
  const link = links.get(key) ?? { from, to, calls: 0, isHostile: false, actions: new Set<string>() };
  link.calls += entry.count;
  link.isHostile ||= isHostile;
  link.actions.add(entry.action);
  links.set(key, link);
}

type Named = [name: string, link: Link];

function ranked(links: readonly Named[]): { name: string; isHostile: boolean }[] {
  const nodes = new Map<string, { name: string; calls: number; isHostile: boolean }>();
  for (const [name, link] of links) {
    const node = nodes.get(name) ?? { name, calls: 0, isHostile: false };
    node.calls += link.calls;
    node.isHostile ||= link.isHostile;
    nodes.set(name, node);
  }
  return [...nodes.values()].sort(
    (a, b) => Number(b.isHostile) - Number(a.isHostile) || b.calls - a.calls || (a.name < b.name ? -1 : 1),
  );
}

function drawLink(
  { from, to, calls, isHostile, actions }: Link,
  column: number,
  middleOf: (column: number, name: string) => number | undefined,
): Html {
  const y1 = middleOf(column, from);
  const y2 = middleOf(column + 1, to);
  if (y1 === undefined || y2 === undefined) return nothing;
  const x1 = (leftOf[column] ?? 0) + nodeWidth;
  const x2 = leftOf[column + 1] ?? 0;
  const bend = (x2 - x1) / 2;
  const what = `${from} → ${to}: ${[...actions].slice(0, 6).join(', ')}${actions.size > 6 ? `, and ${actions.size - 6} more` : ''} (${calls})`;
  const thickness = Math.min(4, 1 + Math.log10(calls));
  return html`<path class="link ${isHostile ? 'hostile' : 'ordinary'}" stroke-width="${Math.round(thickness * 10) / 10}" d="M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"><title>${what}</title></path>
`;
}

function drawNode(name: string, isHostile: boolean, x: number, y: number): Html {
  return html`<g class="node ${isHostile ? 'hostile' : 'ordinary'}"><rect x="${x}" y="${y}" width="${nodeWidth}" height="${rowHeight - 8}" rx="5"/><text x="${x + 10}" y="${y + 21}">${shortened(name, 31)}</text><title>${name}</title></g>
`;
}
