import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { OperationError } from '../../operations/errors';
import type { Log, Ports } from '../../operations/ports';
import type { RowStream } from '../../operations/row-stream';
import { type EncodedEnd, encodedPages } from '../../operations/rows/encoded-pages';
import { type RowFormat, rowFormats } from '../../operations/rows/row-file';
import { cleanLine } from '../../operations/text';
import { fileTarget, ReaderGone, type RowTarget, streamTarget } from './row-target';

export interface RunOptions {
  /** A file; standard output unless given. */
  output?: string;
  /** By the file's name unless given, else NDJSON. */
  format?: RowFormat;
  force?: boolean;
  /** Whether the caller chose where the result ends: being cut there is then what was asked for. */
  limited: boolean;
}

/** What the command needs of its process, so that it can be run without one. */
export interface RunHost {
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
  signal: AbortSignal;
}

/** Exit statuses beside 0 (done) and 1 (failed, said by a thrown error). */
export const incompleteStatus = 3;
export const interruptedStatus = 130;

const progressEveryMs = 200;

/**
 * Writes the rows of a query to its target while they arrive, with progress on a terminal. `open` starts the query over
 * ports that report to this command. Resolves to the exit status: 0, `incompleteStatus` when rows are missing that were
 * not cut by the caller's own limit, `interruptedStatus` after an abort. Throws Error with one clear sentence.
 */
export async function runToTarget(
  open: (report: { log: Log; progress: Ports['progress'] }) => RowStream,
  options: RunOptions,
  host: RunHost,
): Promise<number> {
  const format = options.format ?? formatOf(options.output);
  const target =
    options.output === undefined ? streamTarget(host.stdout) : await fileTarget(options.output, options.force === true);
  const screen = new Screen(host.stderr);
  const written = { bytes: 0 };
  try {
    const end = await pour(open({ log: screen.log, progress: screen.progress }), format, target, written, screen);
    const asked = end.complete || (end.cut_by === 'max_rows' && options.limited);
    const whole = end.complete || end.cut_by === 'max_rows';
    const name = await (whole ? target.finish() : target.keepPart());
    screen.line(summary(end, name, written.bytes));
    return asked ? 0 : incompleteStatus;
  } catch (error) {
    screen.clear();
    await target.discard();
    if (error instanceof ReaderGone) return 0;
    if (host.signal.aborted) {
      screen.line(interrupted(error));
      return interruptedStatus;
    }
    throw withQueryId(error);
  }
}

async function pour(
  stream: RowStream,
  format: RowFormat,
  target: RowTarget,
  written: { bytes: number },
  screen: Screen,
): Promise<EncodedEnd> {
  const pages = encodedPages(stream, format);
  const write = async (text: string) => {
    if (text === '') return;
    written.bytes += Buffer.byteLength(text);
    await target.write(text);
  };
  let first = true;
  try {
    for (;;) {
      const step = await pages.next();
      if (step.done) return step.value;
      if (first) await write(step.value.header);
      first = false;
      await write(step.value.text);
      screen.show(`${step.value.done} of ${step.value.total} rows, ${megabytes(written.bytes)}`);
    }
  } finally {
    await pages.return({} as EncodedEnd);
  }
}

/** SQL from a file, or from standard input for `-`. Throws Error with one clear sentence. */
export async function readSql(file: string, stdin: NodeJS.ReadableStream): Promise<string> {
  const text =
    file === '-'
      ? await readAll(stdin)
      : await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
          throw new Error(`${file} cannot be read (${error.code ?? error.message}).`);
        });
  const sql = text.replace(/^\ufeff/, '').trim();
  if (sql === '') throw new Error(`${file === '-' ? 'Standard input' : file} holds no SQL.`);
  return sql;
}

function formatOf(output: string | undefined): RowFormat {
  const ending = extname(output ?? '')
    .slice(1)
    .toLowerCase();
  return rowFormats.find((format) => format === ending) ?? 'ndjson';
}

function summary(end: EncodedEnd, name: string, bytes: number): string {
  const parts = [`${end.rows} rows in ${name} (${megabytes(bytes)}), query ${end.query_id}`];
  if (!end.complete) {
    const why = {
      max_rows: 'the limit of rows was reached',
      wait_seconds: 'the time was up',
      service: 'Panther ended early',
    }[end.cut_by ?? 'service'];
    parts.push(`incomplete: ${why}, the result has ${end.row_count} rows`);
  }
  if (end.left_out_columns.length > 0) parts.push(`without a column: ${end.left_out_columns.join(', ')}`);
  return parts.join('; ');
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function interrupted(error: unknown): string {
  const { query_id: id, cancelled_upstream: stopped } = error instanceof OperationError ? error.details : {};
  if (id === undefined) return 'Interrupted; nothing was kept.';
  return `Interrupted; nothing was kept. Query ${id} ${stopped === true ? 'was cancelled' : 'may still be running'}.`;
}

/** The id goes into the one line that a failure is. */
function withQueryId(error: unknown): unknown {
  const id = error instanceof OperationError ? error.details.query_id : undefined;
  if (typeof id !== 'string' || !(error instanceof Error) || error.message.includes(id)) return error;
  return new Error(`${error.message} The query's id is ${id}.`);
}

/** Standard error, with text from the service cleaned: one line that changes on a terminal, lines that stay otherwise. */
class Screen {
  private shownAt = 0;
  private isShown = false;

  constructor(private readonly stream: RunHost['stderr']) {}

  /** Replaces the changing line; nothing when this is no terminal. */
  show(text: string): void {
    if (this.stream.isTTY !== true || Date.now() - this.shownAt < progressEveryMs) return;
    this.shownAt = Date.now();
    this.isShown = true;
    this.stream.write(`\r\u001b[K${cleanLine(text)}`);
  }

  clear(): void {
    if (this.isShown) this.stream.write('\r\u001b[K');
    this.isShown = false;
  }

  line(text: string): void {
    this.clear();
    this.stream.write(`soc-bridge: ${cleanLine(text, 1000)}\n`);
  }

  readonly progress: Ports['progress'] = (message) => this.show(message);

  readonly log: Log = { debug: () => {}, info: () => {}, warn: (message) => this.line(message) };
}
