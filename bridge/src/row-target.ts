import { randomBytes } from 'node:crypto';
import { type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises';

/** Where a command writes rows to. */
export interface RowTarget {
  /** How it is called in messages. */
  readonly name: string;
  /** Rejects with ReaderGone when nobody reads any more. */
  write(text: string): Promise<void>;
  /** All rows are there: the target gets its name. Resolves to it. */
  finish(): Promise<string>;
  /** Rows are missing: what is there is kept under another name. Resolves to it. */
  keepPart(): Promise<string>;
  /** Nothing is kept. */
  discard(): Promise<void>;
}

/** The reader of a pipe has left (`| head`), which is no failure. */
export class ReaderGone extends Error {}

/**
 * A file that appears under its name only when it is complete, readable by its owner alone. Throws Error with one clear
 * sentence when it cannot be made, or is there and `force` is not set.
 */
export async function fileTarget(path: string, force: boolean): Promise<RowTarget> {
  const present = await stat(path).catch(() => undefined);
  // A device or a pipe would be replaced by a file at the end.
  if (present !== undefined && !present.isFile()) throw new Error(`${path} is not a file; name another one.`);
  if (present !== undefined && !force) throw exists(path);
  const part = `${path}.${randomBytes(4).toString('hex')}.part`;
  const file = await open(part, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${path} cannot be written (${error.code ?? error.message}).`);
  });
  return new FileTarget(path, part, force, file);
}

/** Characters that are written at a time. */
const pieceLength = 128 * 1024;

class FileTarget implements RowTarget {
  /** One for all pages: memory outside the heap would wait for the collector otherwise. A character has up to 3 bytes. */
  private readonly buffer = Buffer.allocUnsafeSlow((pieceLength + 1) * 3);

  constructor(
    readonly name: string,
    private readonly part: string,
    private readonly force: boolean,
    private readonly file: FileHandle,
  ) {}

  async write(text: string): Promise<void> {
    for (let at = 0; at < text.length; ) {
      let end = Math.min(at + pieceLength, text.length);
      const last = text.charCodeAt(end - 1);
      if (last >= 0xd800 && last <= 0xdbff && end < text.length) end += 1;
      const bytes = this.buffer.write(text.slice(at, end));
      for (let done = 0; done < bytes; ) done += (await this.file.write(this.buffer, done, bytes - done)).bytesWritten;
      at = end;
    }
  }

  async finish(): Promise<string> {
    await this.file.sync();
    await this.file.close();
    if (this.force) await rename(this.part, this.name);
    else await this.takeFreeName();
    return this.name;
  }

  /** Unlike a rename, a link fails when somebody has made the file in the meantime. */
  private async takeFreeName(): Promise<void> {
    try {
      await link(this.part, this.name);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') throw exists(this.name);
      // A file system without links.
      await rename(this.part, this.name);
      return;
    }
    await rm(this.part);
  }

  async keepPart(): Promise<string> {
    await this.file.close();
    return this.part;
  }

  async discard(): Promise<void> {
    await this.file.close().catch(() => {});
    await rm(this.part, { force: true });
  }
}

function exists(path: string): Error {
  return new Error(`${path} exists; --force overwrites it.`);
}

/** Standard output; it has no parts and no names. */
export function streamTarget(stream: NodeJS.WritableStream): RowTarget {
  let gone = false;
  stream.on('error', () => {
    gone = true;
  });
  const name = 'standard output';
  return {
    name,
    write: (text) =>
      new Promise((resolve, reject) => {
        if (gone) return reject(new ReaderGone());
        stream.write(text, (error) => (error ? reject(new ReaderGone()) : resolve()));
      }),
    finish: async () => name,
    keepPart: async () => name,
    discard: async () => {},
  };
}
