import { escapeHtml } from '../escape-html';
import type { ServiceRequest, ServiceResponse } from '../service';
import { traceOf } from './traces';
import type { World } from './world';

/** The few pages that `web_url` fields lead to, so that a link in a message does not end in nothing. */
export function webPage(request: ServiceRequest, world: World, base: string): ServiceResponse {
  const [path = '', rest = ''] = decodeURI(request.path).slice(1).split('/-/');
  const project = world.projects.find((entry) => entry.path === path && !entry.hidden);
  if (request.path === '/')
    return html(
      'Simulated GitLab',
      list(world.projects.filter((entry) => !entry.hidden).map((entry) => link(`${base}/${entry.path}`, entry.path))),
    );
  if (!project) return html('Not found', '<p>There is no such page in the simulated GitLab.</p>', 404);
  const [kind, id = ''] = rest.split('/');
  if (kind === 'merge_requests') {
    const mr = project.mergeRequests.find((entry) => String(entry.iid) === id);
    if (mr) {
      const head = mr.pushes.at(-1)?.pipeline;
      return html(
        `!${mr.iid} ${mr.change.title}`,
        `${table([
          ['State', escapeHtml(mr.state)],
          ['Author', escapeHtml(mr.author.name)],
          ['Created', mr.createdAt.toISOString()],
          [
            'Merged',
            mr.mergedAt ? `${mr.mergedAt.toISOString()} by ${escapeHtml(mr.mergedBy?.name ?? 'a push')}` : 'no',
          ],
          ['Approved by', mr.approvals.map((approval) => escapeHtml(approval.by.name)).join(', ') || 'nobody'],
          [
            'Pipeline',
            head ? link(`${base}/${project.path}/-/pipelines/${head.id}`, `#${head.id} ${head.status}`) : 'none',
          ],
        ])}<pre>${escapeHtml(mr.change.description)}</pre>`,
      );
    }
  }
  if (kind === 'pipelines') {
    const pipeline = project.pipelines.find((entry) => String(entry.id) === id);
    if (pipeline) {
      const rows = pipeline.jobs.map(
        (job) =>
          [
            link(`${base}/${project.path}/-/jobs/${job.id}`, job.name),
            `${job.status}${job.retried ? ' (retried)' : ''}`,
          ] as const,
      );
      return html(`Pipeline #${pipeline.id} ${pipeline.status}`, table(rows));
    }
  }
  if (kind === 'jobs') {
    const job = project.pipelines.flatMap((pipeline) => pipeline.jobs).find((entry) => String(entry.id) === id);
    if (job)
      return html(
        `Job ${job.name} #${job.id} ${job.status}`,
        `<pre>${escapeHtml(job.debugTrace ? 'You may not see this log.' : traceOf(job))}</pre>`,
      );
  }
  const requests = project.mergeRequests
    .toReversed()
    .map((mr) =>
      link(`${base}/${project.path}/-/merge_requests/${mr.iid}`, `!${mr.iid} ${mr.change.title} (${mr.state})`),
    );
  return html(project.path, `<p>${escapeHtml(project.description)}</p>${list(requests)}`);
}

const link = (url: string, text: string) => `<a href="${escapeHtml(url)}">${escapeHtml(text)}</a>`;
const list = (items: readonly string[]) => `<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`;
const table = (rows: readonly (readonly [string, string])[]) =>
  `<table>${rows.map(([head, cell]) => `<tr><th>${head}</th><td>${cell}</td></tr>`).join('')}</table>`;

const STYLE =
  ':root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:60rem;margin:2rem auto;padding:0 1rem}h1{font-size:1.4rem;overflow-wrap:anywhere}th{text-align:left;padding-right:1.5rem;vertical-align:top}pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid #8886;border-radius:.5rem;padding:1rem}small{opacity:.7}';

function html(title: string, body: string, status = 200): ServiceResponse {
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(title)} - Simulated GitLab</title><style>${STYLE}</style><small>Simulated GitLab: people, projects and code are invented.</small><h1>${escapeHtml(title)}</h1>${body}</html>`;
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
      'x-content-type-options': 'nosniff',
    },
    body: page,
  };
}
