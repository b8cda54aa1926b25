import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import { InvalidInputError } from '../operations/errors';
import { type Operation, streamOperation } from '../operations/operation';
import type { Ports } from '../operations/ports';
import type { RowStream } from '../operations/row-stream';
import { type EncodedEnd, encodedPages } from '../operations/rows/encoded-pages';
import { mimeTypes, type RowFormat } from '../operations/rows/row-file';

export const outputAsParameter = 'outputAs';
export const fileMaxRowsParameter = 'fileMaxRows';
export const filePartSizeParameter = 'filePartSize';
export const fileWaitSecondsParameter = 'fileWaitSeconds';

/** The binary property that holds the file. */
const property = 'data';
const mib = 1024 * 1024;
const defaultPartMib = 8;
const mostPartMib = 128;

const fileFormats: Record<string, RowFormat> = { ndjsonFile: 'ndjson', csvFile: 'csv' };
const choices = ['oneItem', 'splitItems', ...Object.keys(fileFormats)];

/** How a node is to give its rows, where somebody chose; Split Into Items decides where nobody did. */
export type OutputAs = { kind: 'oneItem' } | { kind: 'splitItems' } | ({ kind: 'file' } & FileChoice);

export interface FileChoice {
  format: RowFormat;
  partBytes: number;
  /** Limits for the streamed form of the operation; left out where its defaults apply. */
  limits: { max_rows?: unknown; wait_seconds?: unknown };
}

/**
 * The entries of Options for operations whose rows can be read whole. The condition names its sibling alone: with a path
 * from the root n8n would not see it met when a workflow runs, and drop what is stored.
 */
export function rowFileParameters(): INodeProperties[] {
  const displayOptions = { show: { [outputAsParameter]: Object.keys(fileFormats) } };
  return [
    {
      displayName: 'Output As',
      name: outputAsParameter,
      type: 'options',
      options: [
        { name: 'One Item', value: 'oneItem', description: 'The whole result in one item' },
        { name: 'Split Items', value: 'splitItems', description: 'One item per row' },
        { name: 'NDJSON File', value: 'ndjsonFile', description: 'Every row as a line of JSON, in a binary file' },
        {
          name: 'CSV File',
          value: 'csvFile',
          description: 'Every row as a record, in a binary file; text that a spreadsheet would run gets an apostrophe',
        },
      ],
      default: 'ndjsonFile',
      description:
        'How to give the rows. A file takes all rows, up to a million, in pages that never fill the memory; it comes in the binary property data, in several parts when it is large. Takes the place of Split Into Items.',
    },
    {
      displayName: 'Output File Max Rows',
      name: fileMaxRowsParameter,
      type: 'number',
      typeOptions: { minValue: 1, maxValue: 10_000_000, numberPrecision: 0 },
      default: 1_000_000,
      displayOptions,
      description: 'Most rows to write to the file, in place of Max Rows; complete is false when there are more',
    },
    {
      displayName: 'Output File Part Size (MiB)',
      name: filePartSizeParameter,
      type: 'number',
      typeOptions: { minValue: 1, maxValue: mostPartMib, numberPrecision: 0 },
      default: defaultPartMib,
      displayOptions,
      description:
        'A larger file is given in parts of up to this size, one item each; every part can be read alone. One part is in memory at a time',
    },
    {
      displayName: 'Output File Wait Seconds',
      name: fileWaitSecondsParameter,
      type: 'number',
      typeOptions: { minValue: 1, maxValue: 86_400, numberPrecision: 0 },
      default: 3_600,
      displayOptions,
      description: 'Seconds for the query and all of its pages, in place of Wait Seconds',
    },
  ];
}

/** Reads the choice; undefined when nobody chose. Throws InvalidInputError for a choice or size that is none. */
export function readOutputAs(operation: Operation, options: Record<string, unknown>): OutputAs | undefined {
  const value = options[outputAsParameter];
  if (value === undefined || value === null || value === '') return undefined;
  if (value === 'oneItem' || value === 'splitItems') return { kind: value };
  const format = typeof value === 'string' && Object.hasOwn(fileFormats, value) ? fileFormats[value] : undefined;
  if (format === undefined) throw new InvalidInputError('Output As', `is not one of ${choices.join(', ')}`);
  if (operation.stream === undefined) {
    throw new InvalidInputError('Output As', `${operation.title} has no rows that could go into a file`);
  }
  const size = options[filePartSizeParameter] ?? defaultPartMib;
  if (typeof size !== 'number' || !(size >= 1 && size <= mostPartMib)) {
    throw new InvalidInputError('Output File Part Size', `is not a number from 1 to ${mostPartMib}`);
  }
  return {
    kind: 'file',
    format,
    partBytes: Math.floor(size * mib),
    limits: {
      ...given('max_rows', options[fileMaxRowsParameter]),
      ...given('wait_seconds', options[fileWaitSecondsParameter]),
    },
  };
}

function given(name: string, value: unknown): Record<string, unknown> {
  return value === undefined || value === null || value === '' ? {} : { [name]: value };
}

/**
 * Writes all rows of an operation into n8n's binary storage and gives one item for each part of the file, with the facts
 * of the result beside it. n8n takes a buffer or a stream of Node's, reads such a stream into one buffer wherever it does
 * not store files on disk, and community nodes may not make one; so the parts bound the memory, whatever the storage.
 */
export async function rowFileItems(
  context: IExecuteFunctions,
  ports: Ports,
  operation: Operation,
  input: Record<string, unknown>,
  choice: FileChoice,
  itemIndex: number,
): Promise<INodeExecutionData[]> {
  const pages = encodedPages(openRows(ports, operation, streamInput(operation, input, choice)), choice.format);
  const parts: Part[] = [];
  const waiting = new Waiting();
  const flush = async () => {
    const { rows, bytes } = waiting;
    const name = `rows-${itemIndex + 1}-part-${parts.length + 1}.${choice.format}`;
    const binary = await context.helpers.prepareBinaryData(waiting.take(), name, mimeTypes[choice.format]);
    parts.push({ rows, bytes, binary });
  };
  let end: EncodedEnd;
  try {
    for (;;) {
      const step = await pages.next();
      if (step.done) {
        end = step.value;
        break;
      }
      const { header, text, rows } = step.value;
      const chunk = Buffer.from(text, 'utf8');
      if (waiting.rows > 0 && waiting.bytes + chunk.length > choice.partBytes) await flush();
      waiting.add(header, chunk, rows);
    }
  } finally {
    await pages.return({} as EncodedEnd);
  }
  if (waiting.rows > 0 || parts.length === 0) await flush();
  return parts.map((part, index) => partItem(part, index, parts.length, end, choice, input.label, itemIndex));
}

const shownLimits: Record<string, string> = {
  max_rows: 'Output File Max Rows',
  wait_seconds: 'Output File Wait Seconds',
};

/** A limit that is refused is called as the node shows it: Max Rows and Wait Seconds are other fields here. */
function openRows(ports: Ports, operation: Operation, input: Record<string, unknown>): RowStream {
  try {
    return streamOperation(operation, ports, input);
  } catch (error) {
    const shown = error instanceof InvalidInputError ? shownLimits[error.field] : undefined;
    if (shown === undefined || !(error instanceof InvalidInputError)) throw error;
    throw new InvalidInputError(shown, error.message.slice(error.field.length + 2));
  }
}

interface Part {
  rows: number;
  bytes: number;
  binary: Awaited<ReturnType<IExecuteFunctions['helpers']['prepareBinaryData']>>;
}

/** What has been encoded and not yet stored. */
class Waiting {
  private chunks: Buffer[] = [];
  rows = 0;
  bytes = 0;

  /** Every part begins with the header, so that it can be read alone. */
  add(header: string, chunk: Buffer, rows: number): void {
    const chunks = this.bytes === 0 && header !== '' ? [Buffer.from(header, 'utf8'), chunk] : [chunk];
    for (const one of chunks) {
      this.chunks.push(one);
      this.bytes += one.length;
    }
    this.rows += rows;
  }

  take(): Buffer {
    const whole = Buffer.concat(this.chunks);
    this.chunks = [];
    this.rows = 0;
    this.bytes = 0;
    return whole;
  }
}

/** What the streamed form takes of the operation's input; its limits are its own. */
function streamInput(
  operation: Operation,
  input: Record<string, unknown>,
  { limits }: FileChoice,
): Record<string, unknown> {
  const known = operation.stream?.input.shape ?? {};
  const shared = Object.entries(input).filter(
    ([name]) => name in known && name !== 'max_rows' && name !== 'wait_seconds',
  );
  return { ...Object.fromEntries(shared), ...limits };
}

function partItem(
  part: Part,
  index: number,
  parts: number,
  end: EncodedEnd,
  { format }: FileChoice,
  label: unknown,
  itemIndex: number,
): INodeExecutionData {
  const { rows, ...facts } = end;
  const ending = parts === 1 ? '' : `-part-${index + 1}-of-${parts}`;
  const fileName = `${fileStem(end.query_id)}${ending}.${format}`;
  return {
    json: {
      ...facts,
      label: label ?? null,
      rows: part.rows,
      returned_rows: rows,
      format,
      file_name: fileName,
      bytes: part.bytes,
      part: index + 1,
      parts,
    } as IDataObject,
    binary: { [property]: { ...part.binary, fileName } },
    pairedItem: { item: itemIndex },
  };
}

/** The id comes from the service; only what is harmless in every file system goes into a name. */
function fileStem(queryId: string): string {
  return `panther-${queryId.replace(/[^A-Za-z0-9_-]/g, '').slice(0, 64) || 'query'}`;
}
