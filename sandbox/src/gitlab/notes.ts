import type { MergeRequest, Note } from './world';

/** Adds the system notes that GitLab writes by itself, drops what lies after the end, and sets `updatedAt`. */
export function writeNotes(mr: MergeRequest): void {
  const system: Omit<Note, 'id' | 'system'>[] = [];
  const reviewers = mr.reviewers.map((person) => `@${person.username}`).join(' and ');
  if (reviewers)
    system.push({ author: mr.author, body: `requested review from ${reviewers}`, createdAt: mr.createdAt });
  for (const push of mr.pushes.slice(1)) {
    const count = push.commits.length;
    const list = push.commits.map((plan) => `* ${plan.message.split('\n')[0]}`).join('\n');
    system.push({
      author: mr.author,
      body: `added ${count} commit${count === 1 ? '' : 's'}\n\n${list}`,
      createdAt: push.at,
    });
  }
  for (const approval of mr.approvals) {
    system.push({ author: approval.by, body: 'approved this merge request', createdAt: approval.at });
  }
  const notes = [...mr.notes, ...system.map((note) => ({ ...note, id: 0, system: true }))];
  mr.notes = notes.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  const moments = [mr.createdAt, mr.mergedAt, mr.closedAt, mr.pushes.at(-1)?.at, mr.notes.at(-1)?.createdAt];
  mr.updatedAt = new Date(Math.max(...moments.flatMap((at) => (at ? [at.getTime()] : []))));
}
