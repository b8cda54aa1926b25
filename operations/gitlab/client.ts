import { overriding } from '../clean-up-ports';
import { BadResponseError, DeadlineError } from '../errors';
import { type Collected, collectPages, type Page } from '../paging';
import type { Connection, HttpRequest, HttpResponse, Ports } from '../ports';
import { Deadline } from '../retry';
import { callService, parseJson, sameOrigin } from '../service-call';
import { cleanLine } from '../text';
import { gitLabError } from './gitlab-error';
import { nextPage } from './pagination';
import { budgetOf, type RequestBudget } from './request-budget';
import { readArray } from './wire-types';

export type ParamValue = string | number | boolean | string[] | null | undefined;
/** Query parameters; a list is sent as `name[]=a&name[]=b`. Empty values are left out: GitLab answers them with 400. */
export type Params = Record<string, ParamValue>;

/** GitLab's largest page. */
export const pageSize = 100;
const maxJsonBytes = 32 * 1024 * 1024;
/** GitLab may ask for a day; beyond this the caller is told how long instead. */
const longestWaitMs = 60_000;

/**
 * Reads of one instance under one total deadline, within the process's budget for that instance. There is no method
 * that writes, so nothing built on it can. A project that was moved is asked at its new address from then on.
 * `what` in each call names the object for error messages. Every method throws the typed errors of gitlab-error.ts and
 * of callService, and DeadlineError.
 */
export class GitLab {
  private readonly budget: RequestBudget;
  /** Former id or path of a project, encoded as in addresses, and the one that GitLab redirected to. */
  private readonly moved = new Map<string, string>();

  private constructor(
    readonly ports: Ports,
    readonly connection: Connection,
    readonly deadline: Deadline,
  ) {
    this.budget = budgetOf(connection);
  }

  static async open(ports: Ports, totalMs: number): Promise<GitLab> {
    const connection = await ports.connection('gitlab');
    const baseUrl = connection.baseUrl.replace(/\/+$/, '').replace(/\/api\/v4$/, '');
    return new GitLab(ports, { ...connection, baseUrl }, new Deadline(ports, totalMs));
  }

  get apiUrl(): string {
    return `${this.connection.baseUrl}/api/v4`;
  }

  /** One JSON value. */
  async get(path: string, params: Params, what: string): Promise<unknown> {
    const response = await this.send(this.address(path, params), what, { maxBytes: maxJsonBytes });
    return parseJson('gitlab', response);
  }

  /**
   * One page of a list. `cursor` is the `next` of the page before; it was checked to be within this instance's API
   * when it was read.
   */
  async page<T>(
    path: string,
    params: Params,
    what: string,
    read: (value: unknown) => T,
    cursor?: string,
  ): Promise<Page<T>> {
    const url = cursor ?? this.address(path, { per_page: pageSize, ...params });
    const response = await this.send(url, what, { maxBytes: maxJsonBytes });
    return {
      items: readArray(parseJson('gitlab', response), what).map(read),
      next: nextPage(this.apiUrl, url, response.headers),
    };
  }

  /** A list up to `limit` items, over as many pages as that takes. */
  async list<T>(
    path: string,
    params: Params,
    what: string,
    limit: number,
    read: (value: unknown) => T,
  ): Promise<Collected<T>> {
    return collectPages(limit, (cursor) => this.page(path, params, what, read, cursor));
  }

  /** A text body, or its first `maxBytes` bytes (then `truncated` is set). Any 2xx. */
  async start(path: string, params: Params, what: string, maxBytes: number): Promise<HttpResponse> {
    return this.send(this.address(path, params), what, { maxBytes, headers: { accept: 'text/plain' } });
  }

  /** A text body, or its last `maxBytes` bytes (then `truncated` is set). Any 2xx. */
  async end(path: string, params: Params, what: string, maxBytes: number): Promise<HttpResponse> {
    return this.send(this.address(path, params), what, { maxBytes, keep: 'end', headers: { accept: 'text/plain' } });
  }

  private async send(
    url: string,
    what: string,
    options: { maxBytes: number; keep?: 'end'; headers?: Record<string, string> },
  ): Promise<HttpResponse> {
    if (this.deadline.leftMs === 0) {
      throw new DeadlineError(
        `Reading ${what}`,
        this.deadline.totalMs / 1000,
        'Ask for less: a shorter window or a lower limit.',
      );
    }
    const response = await callService(this.paced, {
      service: 'gitlab',
      method: 'GET',
      url,
      headers: { accept: 'application/json', ...options.headers },
      safeToRepeat: true,
      deadline: this.deadline,
      longestWaitMs,
      maxBytes: options.maxBytes,
      keep: options.keep,
    });
    if (response.status < 200 || response.status > 299) {
      throw gitLabError(response, { what, byPath: new URL(url).pathname.includes('%2F') });
    }
    return response;
  }

  /** The ports with every single request sent in its turn and its redirect looked at. */
  private get paced(): Ports {
    return overriding(this.ports, {
      http: async (request: HttpRequest) => {
        const response = await this.budget.send(this.ports, this.deadline, request);
        this.noteRedirect(request.url, response);
        return response;
      },
    });
  }

  /**
   * Remembers where a project moved to. A redirect to the same host but out of the API (a sign-in page, another program
   * beside GitLab) is refused: it would get the credential.
   */
  private noteRedirect(from: string, { status, headers }: HttpResponse): void {
    if (![301, 302, 307, 308].includes(status) || headers.location === undefined) return;
    const target = new URL(sameOrigin('GitLab', from, headers.location));
    const api = `${new URL(this.apiUrl).pathname}/`;
    if (!target.pathname.startsWith(api)) {
      throw new BadResponseError(
        'GitLab',
        `it redirected to ${cleanLine(target.pathname, 100)}, outside its API, and this was not followed; check the address of the connection`,
      );
    }
    const project = /^projects\/([^/]+)/;
    const old = project.exec(new URL(from).pathname.slice(api.length))?.[1];
    const current = project.exec(target.pathname.slice(api.length))?.[1];
    if (old !== undefined && current !== undefined && old !== current) this.moved.set(old, current);
  }

  private address(path: string, params: Params): string {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(params)) {
      if (Array.isArray(value)) for (const item of value) query.append(`${name}[]`, item);
      else if (value !== undefined && value !== null && value !== '') query.append(name, String(value));
    }
    const text = query.toString();
    const current = path.replace(/^\/projects\/([^/]+)/, (all, id: string) => {
      const now = this.moved.get(id);
      return now === undefined ? all : `/projects/${now}`;
    });
    return `${this.apiUrl}${current}${text === '' ? '' : `?${text}`}`;
  }
}
