import { ApiError, notFound, page } from './answers';
import { commitEntity, type Json } from './entities';
import { resolveRef } from './repository';
import { ok, type RequestContext, type Route } from './request-context';
import type { Commit, Project } from './world';

/** Who signs, with what, and how that turns out. Everybody else does not sign. */
const SIGNATURES: Record<string, Json> = {
  'mira.okafor': { signature_type: 'PGP', verification_status: 'verified', gpg_key_id: 1 },
  'priya.nair': { signature_type: 'PGP', verification_status: 'verified', gpg_key_id: 3 },
  'eva.novak': { signature_type: 'SSH', verification_status: 'verified', key: { id: 9, title: 'work (simulated)' } },
  'jonas.lindqvist': {
    signature_type: 'SSH',
    verification_status: 'unverified',
    key: { id: 2, title: 'old (simulated)' },
  },
  'hana.sato': { signature_type: 'X509', verification_status: 'unverified', x509_certificate: { id: 5 } },
  'tomas.becker': { signature_type: 'PGP', verification_status: 'unknown_key', gpg_key_id: null },
};

/** Everything that a commit rests on, newest first. */
function reachable(project: Project, tip: Commit): Commit[] {
  const seen = new Map<string, Commit>();
  const left = [tip];
  for (let commit = left.pop(); commit !== undefined; commit = left.pop()) {
    if (seen.has(commit.sha)) continue;
    seen.set(commit.sha, commit);
    for (const parent of commit.parents) {
      const found = project.commits.get(parent);
      if (found) left.push(found);
    }
  }
  return [...seen.values()].sort((a, b) => b.at.getTime() - a.at.getTime() || (a.sha < b.sha ? 1 : -1));
}

function touches(project: Project, commit: Commit, path: string): boolean {
  const before = project.commits.get(commit.parents[0] ?? '')?.tree ?? new Map<string, string>();
  const paths = new Set([...before.keys(), ...commit.tree.keys()]);
  return [...paths].some(
    (name) => (name === path || name.startsWith(`${path}/`)) && before.get(name) !== commit.tree.get(name),
  );
}

function list(c: RequestContext) {
  const project = c.project();
  const tip = resolveRef(project, c.query.text('ref_name') ?? 'HEAD');
  if (!tip) throw notFound('Commit');
  const [since, until] = [c.query.date('since'), c.query.date('until')];
  const path = c.query.text('path');
  const author = c.query.text('author')?.toLowerCase();
  const found = reachable(project, tip).filter(
    (commit) =>
      (!since || commit.at >= since) &&
      (!until || commit.at <= until) &&
      (path === undefined || touches(project, commit, path)) &&
      (author === undefined || `${commit.author.name} <${commit.author.email}>`.toLowerCase().includes(author)),
  );
  const answer = page(found, c.query, c.url, false);
  return { ...answer, body: answer.body.map((commit) => commitEntity(commit, project, c.base)) };
}

/** The list of commits, which is never counted, and the signature of one. */
export const COMMIT_ROUTES: Route[] = [
  { path: 'projects/:id/repository/commits', answer: list },
  {
    path: 'projects/:id/repository/commits/:sha/signature',
    answer: (c) => {
      const commit = resolveRef(c.project(), c.param(1));
      if (!commit) throw notFound('Commit');
      const signature = SIGNATURES[commit.committer.username];
      if (signature === undefined) throw new ApiError(404, { message: '404 Signature Not Found' });
      return ok({
        ...signature,
        ...(signature.signature_type === 'PGP'
          ? {
              gpg_key_primary_keyid: '8254AAB3FBD54AC9',
              gpg_key_user_name: commit.committer.name,
              gpg_key_user_email: commit.committer.email,
            }
          : {}),
        commit_source: 'gitaly',
      });
    },
  },
];
