import { z } from 'zod';
import { NotFoundOrNoAccessError, type OperationError } from '../../../operations/errors';
import type { Operation } from '../../../operations/operation';
import type { Logger } from '../hosting/logging';
import { cursorAfter, type ToolResults } from '../store/tool-results';
import { splitResult, tokensIn } from './result-pages';

/** Pages of one result; a million characters, the most that a tool gives, are some 35 of them. */
const mostPages = 250;
/** What stands around the part itself: the notice, which part it is, and what comes next. */
const frameTokens = 300;
/** Longest wait for the store: the call has succeeded, and its answer must not wait for a database that is away. */
const keepMs = 5000;

export const readMoreName = 'read_more';
const cursorInput = z.object({ cursor: z.string().min(1).max(60).describe('From next in the answer before') });

/** The tool as clients see it. Its toolset grants nothing: what a page belongs to decides who may read it. */
export const readMore: Omit<Operation<typeof cursorInput>, 'run'> = {
  name: readMoreName,
  toolset: 'investigation',
  resource: 'Result',
  title: 'Read More',
  action: 'Read more of a long result',
  description:
    'The next page of a result that was too long for one answer (truncated is true): pass the cursor of its next. Pages are kept for 30 minutes. Asking the tool itself for less is often better.',
  effect: 'read',
  idempotent: true,
  services: [],
  permissions: [],
  runs: 'bridge',
  input: cursorInput,
  output: z.object({}).passthrough(),
  example: { cursor: 'abc' },
};

export interface PagerParts {
  results: ToolResults;
  /** Longest answer, in tokens; 0 is no limit. */
  tokens: number;
  /** Whether the rest can be read, by the lists of the owner. */
  offered: boolean;
  logger: Logger;
}

/** Cuts results that are too long for a model into pages, and hands the pages out. */
export class ResultPager {
  constructor(private readonly parts: PagerParts) {}

  /** Whether there is a tool to read on with. */
  get offered(): boolean {
    return this.parts.offered && this.parts.tokens > 0;
  }

  /**
   * The answer in the place of a result (`text` is its JSON) that is too long: an object that says what it is, with the result
   * as far as it fits. Undefined when it is not too long. Never rejects: a call that has done its work is not failed because
   * its result cannot be kept.
   */
  async firstPage(
    result: Record<string, unknown>,
    text: string,
    { caller, tool }: { caller: string; tool: string },
  ): Promise<Record<string, unknown> | undefined> {
    const { tokens } = this.parts;
    // No character is more than one token here.
    if (tokens === 0 || text.length <= tokens || tokensIn(text) <= tokens) return undefined;
    const { first, more, complete } = splitResult(result, tokens - frameTokens, mostPages);
    if (more.length === 0) return undefined;
    const kept = this.offered ? await this.keep(caller, tool, more, complete) : undefined;
    return {
      truncated: true,
      part: { page: 1, pages: more.length + 1, cut: first.cut },
      ...(kept === undefined
        ? {
            next: null,
            note: 'The rest of this result was not kept. Ask for less: fewer rows or fields, a shorter time.',
          }
        : { next: nextOf(kept.cursor, kept.expiresAt) }),
      result: first.result,
    };
  }

  /** `read_more` for one caller. `withheld` says why the caller may not call a tool, now; undefined when it may. */
  toolFor(caller: string, withheld: (tool: string) => Promise<OperationError | undefined>): Operation {
    const bound: Operation<typeof cursorInput> = {
      ...readMore,
      run: async (_ports, { cursor }) => {
        const page = await this.parts.results.read(caller, cursor);
        if (page === undefined) {
          throw new NotFoundOrNoAccessError(
            'The bridge',
            'page under this cursor',
            'Pages are kept for 30 minutes, for whoever made the call: call the tool again, or ask it for less.',
          );
        }
        const reason = await withheld(page.tool);
        if (reason !== undefined) throw reason;
        const { last, ...body } = JSON.parse(page.body) as { last: boolean };
        return { tool: page.tool, ...body, next: last ? null : nextOf(cursorAfter(cursor), page.expiresAt) };
      },
    };
    return bound;
  }

  private async keep(
    caller: string,
    tool: string,
    more: ReturnType<typeof splitResult>['more'],
    complete: boolean,
  ): Promise<{ cursor: string; expiresAt: string } | undefined> {
    const bodies = more.map(({ pieces, cut }, index) => {
      const last = index === more.length - 1;
      return JSON.stringify({
        truncated: !last || !complete,
        part: { page: index + 2, pages: more.length + 1, cut },
        ...(last && !complete ? { note: 'What comes behind this page was not kept. Ask for less.' } : {}),
        pieces,
        last,
      });
    });
    try {
      return await within(keepMs, this.parts.results.keep(caller, tool, bodies));
    } catch (error) {
      this.parts.logger.error({ err: error, tool, pages: bodies.length }, 'the rest of a long result was not kept');
      return undefined;
    }
  }
}

function nextOf(cursor: string, expiresAt: string): Record<string, unknown> {
  return { tool: readMoreName, arguments: { cursor }, expires_at: expiresAt };
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
  }
}
