import type { ServiceRequest, ServiceResponse } from '../service';
import type { GitLabSettings } from './access';
import { ApiError, notFound, page } from './answers';
import { ParsedQuery } from './query';
import type { Group, Job, MergeRequest, Pipeline, Project, World } from './world';

/** What a route gets: the request taken apart, and look-ups that answer like GitLab when something is missing. */
export class RequestContext {
  readonly query: ParsedQuery;

  constructor(
    readonly request: ServiceRequest,
    readonly world: World,
    /** Origin that `web_url` fields and paging links point at. */
    readonly base: string,
    readonly olderServer: boolean,
    /** Path segments behind `/api/v4/` that the route's pattern captured, decoded. */
    readonly params: readonly string[],
    readonly settings: GitLabSettings,
  ) {
    this.query = new ParsedQuery(request.query);
  }

  /** One page of a list, cut and counted as the settings say. */
  page<T>(items: readonly T[], counted = true): ServiceResponse & { body: T[] } {
    return page(items, this.query, this.url, counted, this.settings);
  }

  /** This request's address without its query. */
  get url(): string {
    return `${this.base}${this.request.path}`;
  }

  param(index: number): string {
    return this.params[index] ?? '';
  }

  project(index = 0): Project {
    const id = this.param(index);
    const moved = this.world.moved.get(id);
    if (moved !== undefined)
      throw new Redirect(`${this.base}${this.request.path.replace(/\/projects\/[^/]+/, `/projects/${moved}`)}`);
    const found = this.world.projects.find((entry) => String(entry.id) === id || entry.path === id);
    // A project that exists but may not be seen must look the same as one that does not exist.
    if (!found || found.hidden) throw notFound('Project');
    return found;
  }

  group(index = 0): Group {
    const id = this.param(index);
    const found = this.world.groups.find((entry) => String(entry.id) === id || entry.path === id);
    if (!found) throw notFound('Group');
    return found;
  }

  /** Projects of a group that the token may see; with subgroups unless told otherwise. */
  projectsOf(group: Group, withSubgroups = true): Project[] {
    return this.world.projects.filter(
      (project) =>
        !project.hidden && (project.group === group || (withSubgroups && project.path.startsWith(`${group.path}/`))),
    );
  }

  mergeRequest(index = 1): MergeRequest {
    const found = this.project().mergeRequests.find((entry) => String(entry.iid) === this.param(index));
    if (!found) throw notFound('Merge Request');
    return found;
  }

  pipeline(index = 1): Pipeline {
    const found = this.project().pipelines.find((entry) => String(entry.id) === this.param(index));
    if (!found) throw notFound('Pipeline');
    return found;
  }

  job(index = 1): Job {
    const jobs = this.project().pipelines.flatMap((pipeline) => pipeline.jobs);
    const found = jobs.find((entry) => String(entry.id) === this.param(index) && entry.kind === 'build');
    if (!found) throw new ApiError(404, { message: '404 Not found' });
    return found;
  }
}

/** GitLab answers for a moved project with 301 and the numeric id. */
export class Redirect extends Error {
  constructor(readonly location: string) {
    super('moved');
  }
}

export interface Route {
  /** Path behind `/api/v4/`; each `:name` captures one segment. */
  path: string;
  /** GET, with HEAD, unless given. */
  method?: 'POST' | 'DELETE';
  answer(context: RequestContext): ServiceResponse;
}

export const ok = (body: unknown): ServiceResponse => ({ status: 200, body });
