import type { ReadStream } from 'node:tty';

const maxLength = 64 * 1024;

/** The stream that a secret is read from: a terminal, where nothing is shown, or a pipe. */
type Input = NodeJS.ReadableStream & Partial<Pick<ReadStream, 'isTTY' | 'setRawMode'>>;

/** One line from a terminal without showing it, or all that a pipe gives without its last line end. Rejects when interrupted. */
export async function readHidden(prompt: string, input: Input, output: NodeJS.WritableStream): Promise<string> {
  if (!input.isTTY || input.setRawMode === undefined) return (await readAll(input)).replace(/\r?\n$/, '');
  output.write(prompt);
  // Raw before the first key: else the terminal itself would show it.
  input.setRawMode(true);
  try {
    return await readLine(input);
  } finally {
    input.setRawMode(false);
    input.pause();
    output.write('\n');
  }
}

function readLine(input: Input): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed: string[] = [];
    const end = (settle: () => void) => {
      input.off('data', onData);
      input.off('end', onEnd);
      settle();
    };
    const onEnd = () => end(() => reject(new Error('The input ended; nothing was stored.')));
    const onData = (chunk: Buffer | string) => {
      for (const key of chunk.toString()) {
        if (key === '\r' || key === '\n') return end(() => resolve(typed.join('')));
        if (key === '\u0003' || key === '\u0004')
          return end(() => reject(new Error('Interrupted; nothing was stored.')));
        if (key === '\u007f' || key === '\b') typed.pop();
        else if (key === '\u0015') typed = [];
        else if (typed.length < maxLength) typed.push(key);
      }
    };
    input.on('data', onData).on('end', onEnd);
    input.resume();
  });
}

async function readAll(input: Input): Promise<string> {
  let text = '';
  for await (const chunk of input) {
    text += chunk.toString();
    if (text.length > maxLength)
      throw new Error(`The input is longer than ${maxLength} characters; is it the right file?`);
  }
  return text;
}
