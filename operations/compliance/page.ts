import { htmlDocument } from '../investigation/report-page/document';
import { type Html, html, nothing, preformatted } from '../investigation/report-page/html';
import { controls } from './controls';
import { exceptionId } from './exceptions-file';
import { localText } from './local-time';
import type { Manifest } from './manifest';
import { shapeOf } from './populations';
import type { Exception } from './rules/rule';

/** Exceptions that are shown; the file has all of them. */
const mostShown = 500;

type Shown = Omit<Manifest, 'files'>;

const stateWords = { tested: 'Tested', partly_tested: 'Partly tested', not_tested: 'Not tested' } as const;
const resultWords = {
  exceptions: 'Exceptions',
  leads: 'Leads only',
  nothing_found: 'Nothing found',
  no_cases: 'No cases in the period',
  unknown: 'Not known',
} as const;
const groups = { access: 'Access', change: 'Change control', operations: 'Operations' } as const;

/**
 * A package as one page for people: no scripts, nothing loaded from anywhere, readable on a phone, in the dark and on paper. It
 * is one of the package's files, so it cannot tell their hashes; the manifest does.
 */
export function renderPage(manifest: Shown, exceptions: readonly Exception[]): string {
  return htmlDocument(
    `Evidence package ${manifest.package_id}`,
    html`${head(manifest, exceptions)}
${manifest.reasons.length === 0 ? nothing : section('What is missing', html`<ul>${manifest.reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`)}
${section('Controls', controlTables(manifest))}
${section('Exceptions', exceptionTable(manifest, exceptions, 'exception'))}
${section('Leads', exceptionTable(manifest, exceptions, 'lead'))}
${section('Populations', populationTable(manifest))}
${section('Questions that were asked', queryList(manifest))}
${section('Parameters', html`<p>Business hours, holidays and zones decide what is after hours; the thresholds decide what is a lead.</p><pre>${preformatted(JSON.stringify(manifest.parameters, null, 2))}</pre>`)}
${section('How to check this', checking(manifest))}
<footer>Package ${manifest.package_id}, rules version ${manifest.rules_version}. It supports the testing of IT general controls; it does not say that anything is compliant. Times are UTC unless a zone is named.</footer>`,
  );
}

function section(title: string, body: Html): Html {
  return html`<section><h2>${title}</h2>
${body}
</section>`;
}

function head(manifest: Shown, exceptions: readonly Exception[]): Html {
  const { period, made_by: maker } = manifest;
  const isComplete = manifest.status === 'COMPLETE';
  const hits = exceptions.filter((one) => one.class === 'exception').length;
  const tested = manifest.controls.filter(({ state }) => state === 'tested').length;
  const cases = manifest.populations.reduce((sum, { rows }) => sum + rows, 0);
  const local = (instant: string) => `${localText(period.zone, Date.parse(instant))} ${period.zone}`;
  return html`<p class="over">Evidence package · <span class="id">${manifest.package_id}</span></p>
<h1>${period.days === 1 ? period.first_day : `${period.first_day} to ${period.last_day}`}</h1>
<div class="pills"><span class="pill ${isComplete ? 'good' : 'hostile'}">${manifest.status}</span><span class="pill">${period.zone}</span><span class="pill">${period.days} ${period.days === 1 ? 'day' : 'days'}</span></div>
<p class="lead">${leadOf(manifest, hits, tested)}</p>
<p class="over">From ${local(period.from)} (${shortTime(period.from)} UTC) until before ${local(period.to)} (${shortTime(period.to)} UTC). Made ${shortTime(manifest.made_at)} UTC by ${maker.who} with ${maker.program} ${maker.version}${maker.zone_data === null ? nothing : html`, time zone data ${maker.zone_data}`}.</p>
<div class="glance">
<div><b>${hits}</b><span>Exceptions</span></div>
<div><b>${exceptions.length - hits}</b><span>Leads</span></div>
<div><b>${tested} of ${manifest.controls.length}</b><span>Controls tested in full</span></div>
<div><b>${cases}</b><span>Rows of evidence</span></div>
</div>`;
}

function leadOf({ status, reasons, populations }: Shown, hits: number, tested: number): string {
  const found =
    hits === 0
      ? 'No exception was found in what could be tested.'
      : `${hits} ${hits === 1 ? 'exception was' : 'exceptions were'} found.`;
  if (populations.every(({ rows }) => rows === 0))
    return 'Nothing was found in the period, because there is nothing in it: no log and no change was there to be looked at.';
  if (status === 'COMPLETE') return found;
  return `${found} The package is incomplete for ${reasons.length} ${reasons.length === 1 ? 'reason' : 'reasons'}; ${tested === 0 ? 'no control was' : `${tested} controls were`} tested in full.`;
}

function controlTables({ controls: outcomes }: Shown): Html {
  return html`<div class="scroll"><table class="cards"><thead><tr><th>Control</th><th>Tested</th><th>Result</th>${numberHeads('Rows', 'Exceptions', 'Leads')}</tr></thead><tbody>
${(Object.keys(groups) as (keyof typeof groups)[]).map(
  (group) => html`<tr><th colspan="6">${groups[group]}</th></tr>
${outcomes.filter(({ control }) => controls[control].group === group).map(controlRow)}`,
)}</tbody></table></div>`;
}

/** Green is for a control that was tested in full on something: nothing to look at is no success. */
function lookOf({ state, result }: Manifest['controls'][number]): string {
  if (state !== 'tested') return 'gap';
  if (result === 'exceptions') return 'hostile';
  return result === 'nothing_found' ? 'exculpatory' : '';
}

function controlRow(outcome: Manifest['controls'][number]): Html {
  const { control, state, result, cases, exceptions, leads, why } = outcome;
  return html`<tr class="${lookOf(outcome)}"><td><b>${controls[control].title}</b><br><span class="over">${controls[control].aim}</span>${
    why.length === 0 ? nothing : html`<br><span class="over">${why.join(' ')}</span>`
  }</td><td class="time" data-name="Tested">${stateWords[state]}</td><td class="time" data-name="Result">${resultWords[result]}</td><td class="number" data-name="Rows">${cases}</td><td class="number" data-name="Exceptions">${exceptions}</td><td class="number" data-name="Leads">${leads}</td></tr>
`;
}

/** Heads of columns of numbers stand above them. */
function numberHeads(...names: string[]): Html {
  return html`${names.map((name) => html`<th style="text-align:right;padding-left:10px">${name}</th>`)}`;
}

function shortTime(instant: string): string {
  return instant.replace('T', ' ').replace(/\.\d+Z$/, '');
}

function exceptionTable(manifest: Shown, exceptions: readonly Exception[], wanted: Exception['class']): Html {
  const own = exceptions
    .map((one, index) => ({ one, id: exceptionId(index) }))
    .filter(({ one }) => one.class === wanted);
  const meaning = wanted === 'lead' ? 'A lead is a reason to ask. What it shows can be in order.' : '';
  if (own.length === 0) {
    const untested = manifest.controls.filter(({ state }) => state !== 'tested').length;
    return html`<p>None${untested === 0 ? '' : `, as far as could be tested: ${untested} of ${manifest.controls.length} controls were not tested in full`}. ${meaning}</p>`;
  }
  return html`${meaning === '' ? nothing : html`<p>${meaning}</p>`}<div class="scroll"><table class="cards"><thead><tr><th>Id</th><th>When</th><th style="width:36%">What</th><th>Rests on</th></tr></thead><tbody>
${own.slice(0, mostShown).map(
  ({
    one,
    id,
  }) => html`<tr class="${wanted === 'exception' ? 'hostile' : ''}"><td><b>${id}</b></td><td class="time" data-name="When">${shortTime(one.at)}</td><td>${one.statement}<br><span class="over">${controls[one.control].title} · ${one.kind.replace(/_/g, ' ')}</span></td><td data-name="Rests on"><span class="id">${cites(one, manifest)}</span></td></tr>
`,
)}</tbody></table></div>${
    own.length > mostShown ? html`<p>${own.length - mostShown} more are in exceptions.csv.</p>` : nothing
  }`;
}

function cites({ population, rows }: Exception, { queries }: Shown): string {
  const asked = queries
    .filter((query) => query.population === population)
    .map(({ id, query_id: query }) => query ?? id);
  const row = rows[0] === undefined ? 'no row' : `row ${rows[0].sha256.slice(0, 12)}`;
  const more = rows.length > 1 ? ` and ${rows.length - 1} more` : '';
  return `${shapeOf(population).file}, ${row}${more}, query ${asked.join(', ')}`;
}

function populationTable({ populations }: Shown): Html {
  return html`<p>Every population is in the package in full: nothing was sampled.</p>
<div class="scroll"><table class="cards"><thead><tr><th>Population</th><th>Read</th>${numberHeads('Rows', 'Events', 'Counted apart')}</tr></thead><tbody>
${populations.map(
  ({
    title,
    file,
    state,
    rows,
    events,
    expected_events: expected,
    reconciled,
  }) => html`<tr class="${state === 'complete' ? '' : 'gap'}"><td><b>${title}</b><br><span class="id">${file}</span></td><td class="time" data-name="Read">${{ complete: 'Whole', partial: 'In part', unread: 'Not read' }[state]}</td><td class="number" data-name="Rows">${rows}</td><td class="number" data-name="Events">${events}</td><td class="number" data-name="Counted apart">${expected === null ? 'not counted' : reconciled ? `${expected}, the same` : `${expected}, differs`}</td></tr>
`,
)}</tbody></table></div>`;
}

function queryList({ queries }: Shown): Html {
  return html`${queries.map(
    ({
      id,
      text,
      text_sha256: hash,
      query_id: query,
      rows,
      complete,
      problem,
    }) => html`<details><summary>${id}: ${rows === null ? 'no answer' : `${rows} rows`}${complete ? '' : ', not whole'}</summary>
<p>${query === null ? nothing : html`Panther's query <span class="id">${query}</span>. `}SHA-256 of the text <span class="id">${hash}</span>.${problem === null ? nothing : html` ${problem}`}</p>
<pre>${preformatted(text)}</pre></details>`,
  )}`;
}

function checking({ previous, chain }: Shown): Html {
  return html`<p><code>soc-bridge compliance verify DIR</code> checks the hash of every file, the counts, and derives the exceptions again from the populations. <code>sha256sum -c manifest.sha256</code> checks the manifest alone. Keep the manifest's hash somewhere else too: whoever can write this folder can write all of it.</p>
<p>${chain}${previous === null ? nothing : html` Package before: <span class="id">${previous.package_id}</span>, manifest <span class="id">${previous.manifest_sha256}</span>.`}</p>`;
}
