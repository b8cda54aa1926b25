import type { Project } from './world';

/** Gives out ids in order of creation over all projects, as one database would. */
export function number(
  projects: Project[],
  first: { mergeRequest: number; pipeline: number; job: number; note: number; push: number },
): void {
  const byTime = <T extends { createdAt: Date }>(items: T[]) =>
    items.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  for (const project of projects) {
    byTime(project.pipelines).forEach((pipeline, index) => {
      pipeline.iid = index + 1;
    });
  }
  const all = projects.flatMap((project) => project.pipelines);
  byTime(projects.flatMap((project) => project.mergeRequests)).forEach((mr, index) => {
    mr.id = first.mergeRequest + index;
  });
  byTime(all).forEach((pipeline, index) => {
    pipeline.id = first.pipeline + index;
  });
  byTime(all.flatMap((pipeline) => pipeline.jobs)).forEach((job, index) => {
    job.id = first.job + index;
  });
  projects
    .flatMap((project) => project.branchPushes)
    .sort((a, b) => a.at.getTime() - b.at.getTime())
    .forEach((push, index) => {
      push.id = first.push + index;
    });
  byTime(projects.flatMap((project) => project.mergeRequests.flatMap((mr) => mr.notes))).forEach((note, index) => {
    note.id = first.note + index;
  });
}
