import { createLogger } from '../../../bridge/src/hosting/logging';
import { type Progress, silenceMs, startProgress } from '../../../bridge/src/mcp/progress';

interface Sent {
  progress: number;
  total?: number;
  message: string;
}

let sent: Sent[];
let progress: Progress;
let gone: AbortController;
const log = { logger: createLogger('silent') };
const start = (deliver: (one: Sent) => Promise<void> = async (one) => void sent.push(one)) => {
  progress = startProgress('Run a query', { signal: gone.signal, log, send: deliver });
  return progress;
};

beforeEach(() => {
  jest.useFakeTimers();
  sent = [];
  gone = new AbortController();
});
afterEach(() => {
  progress?.end();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

it('a call of less than two seconds that says nothing sends nothing', () => {
  start();
  jest.advanceTimersByTime(silenceMs - 1);
  progress.end();
  jest.advanceTimersByTime(60_000);
  expect(sent).toEqual([]);
});

it('one that takes longer and says nothing shows every two seconds that it lives, always further on', () => {
  start();
  jest.advanceTimersByTime(7000);
  expect(sent.map(({ message }) => message)).toEqual(['Run a query (2 s)', 'Run a query (4 s)', 'Run a query (6 s)']);
  expect(sent[0]?.progress).toBe(0);
  for (const [index, { progress: now }] of sent.entries())
    if (index > 0) expect(now).toBeGreaterThan(sent[index - 1]?.progress ?? 0);
});

it('after a report it is quiet for two seconds, and then repeats what was said last', () => {
  start();
  jest.advanceTimersByTime(1500);
  progress.report('Read page 3', 3, 10);
  jest.advanceTimersByTime(1500);
  expect(sent).toEqual([{ progress: 3, total: 10, message: 'Read page 3' }]);
  jest.advanceTimersByTime(500);
  expect(sent[1]).toMatchObject({ total: 10, message: 'Read page 3 (4 s)' });
  expect(sent[1]?.progress).toBeGreaterThan(3);
});

it('never goes back, nor beyond its total', () => {
  start();
  for (const done of [5, 2, 5, 6, 6]) progress.report('step', done, 6);
  for (const [index, { progress: now, total }] of sent.entries()) {
    expect(total).toBeGreaterThanOrEqual(now);
    if (index > 0) expect(now).toBeGreaterThan(sent[index - 1]?.progress ?? 0);
  }
});

it('nothing is sent after the end, nor to a client that went away, whatever still reports', () => {
  start();
  progress.end();
  progress.report('late', 1);
  jest.advanceTimersByTime(10_000);
  start();
  gone.abort();
  progress.report('to nobody', 1);
  jest.advanceTimersByTime(10_000);
  expect(sent).toEqual([]);
});

it('a client that cannot be told is no reason to fail', async () => {
  start(() => Promise.reject(new Error('gone')));
  progress.report('x', 1);
  jest.advanceTimersByTime(2000);
  await Promise.resolve();
});

it('hidden characters of what is reported do not come along', () => {
  start();
  progress.report('ta\u200bble \u001b[31mred', 1);
  expect(sent[0]?.message).toBe('table red');
});

it('who did not ask for it is sent nothing, and no timer runs', () => {
  progress = startProgress('x', { signal: gone.signal, log, send: undefined });
  expect(jest.getTimerCount()).toBe(0);
});
