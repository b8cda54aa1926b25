import fc from 'fast-check';
import { reviewPipelineJob } from '../../../operations/gitlab/review-pipeline-job';
import { readTrace } from '../../../operations/gitlab/trace';
import { runOperation } from '../../../operations/operation';
import { type StandIn, startStandIn } from './stand-in';
import { jobWith } from './world';

const stamp = (flags: string) => `2024-05-14T11:19:20.000000Z ${flags}`;
const material = 'MIIEowIBAAKCAQEAk3yQz8Lw0pVtN5bJxR2uGfHsD7cYaEoKiMq1WvZ4';
/** Each with the part of it that nobody may see. */
const secrets: readonly [name: string, text: string, hidden: string][] = [
  ['GitLab token', 'glpat-Zk3vQx9LmP2wRt7YbN4c', 'Zk3vQx9LmP2wRt7YbN4c'],
  ['JWT', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJRdzNSdDdZYiJ9.Kx8LmP2wRt7YbN4cVq', 'Kx8LmP2wRt7YbN4cVq'],
  ['name and value', 'DB_PASSWORD = "Zk3vQx9LmP2wRt7YbN4c"', 'Zk3vQx9LmP2wRt7YbN4c'],
  ['field of JSON', '{"client_secret":"Zk3vQx9LmP2wRt7YbN4c"}', 'Zk3vQx9LmP2wRt7YbN4c'],
  ['header', 'Authorization: Bearer Zk3vQx9LmP2wRt7YbN4c', 'Zk3vQx9LmP2wRt7YbN4c'],
  ['address', 'https://deploy:Zk3vQx9LmP2wRt7YbN4c@git.example/x', 'Zk3vQx9LmP2wRt7YbN4c'],
  [
    'key in one line',
    `-----BEGIN RSA PRIVATE KEY-----\\n${material}\\n${material}\\n-----END RSA PRIVATE KEY-----\\n`,
    material,
  ],
  ['key over lines', `-----BEGIN PRIVATE KEY-----\n${material}\n${material}\n-----END PRIVATE KEY-----\n`, material],
  ['value a line below', 'password:\n\n  Zk3vQx9LmP2wRt7YbN4c\n', 'Zk3vQx9LmP2wRt7YbN4c'],
];

/** Whether five characters in a row of something hidden can be read. */
function leaks(shown: string, hidden: string): boolean {
  for (let at = 0; at + 5 <= hidden.length; at += 1) if (shown.includes(hidden.slice(at, at + 5))) return true;
  return false;
}

/** The log in the form of the runner's lines with timestamps, which breaks long ones at any place. */
function stamped(text: string, width: number): string {
  const lines = text.split('\n').map((line) => {
    const pieces = line.match(new RegExp(`.{1,${width}}`, 'gs')) ?? [''];
    return pieces.map((piece, index) => `${stamp(index === 0 ? '00O ' : '00O+')}${piece}`).join('\n');
  });
  return lines.join('\n');
}

const lead = 400;
const filler = fc.constantFrom('make all; ', '. ', '{"a": 1}, ', '\u001b[32mok\u001b[0m ', 'é ', 'one two\n');

describe.each(secrets)('a %s that the cut goes through', (_name, secret, hidden) => {
  test('does not leak at any position of the cut, with line ends or without', () => {
    fc.assert(
      fc.property(filler, fc.option(fc.integer({ min: 3, max: 90 }), { nil: null }), (fill, width) => {
        const plain = `${fill.repeat(40)} ${secret} ${fill.repeat(260)}done`;
        const log = width === null ? plain : stamped(plain, width);
        const from = width === null ? plain.indexOf(secret) : 0;
        const to = width === null ? from + secret.length : Math.min(log.length - 1000, secret.length * 3 + 3000);
        for (let cut = Math.max(0, from - 5); cut <= to; cut += width === null ? 1 : 7) {
          const shown = readTrace(log.slice(cut), lead).lines.join('\n');
          if (leaks(shown, hidden)) throw new Error(`cut at ${cut}: ${shown.slice(0, 200)}`);
          if (width === null && cut >= from) expect(shown).toMatch(/done$/);
        }
      }),
      { numRuns: 5 },
    );
  });

  test('does not leak where what is shown begins, either', () => {
    for (let before = 0; before <= secret.length + 10; before += 1) {
      const front = 'word '.repeat(200);
      const log = `${front}${secret} the rest of it`;
      const shown = readTrace(log, front.length + before).lines.join('\n');
      expect(leaks(shown, hidden)).toBe(false);
    }
  });
});

test('a run of characters without a break that is longer than the lead goes as a whole', () => {
  const blob = material.repeat(30);
  expect(readTrace(`${blob} and the rest`, lead).lines).toEqual([' and the rest']);
  expect(readTrace(`Bearer ${blob} and the rest`, lead).lines).toEqual([' and the rest']);
  expect(readTrace(blob, lead).lines).toEqual([]);
  expect(readTrace(stamped(blob, 50).slice(20), lead).lines).toEqual([]);
});

test('lines, sections and streams of what is shown are those that the whole log has there', () => {
  const line = fc.tuple(fc.constantFrom('00O ', '00O+', '01E ', '01E+'), fc.stringMatching(/^[a-z ]{1,20}$/));
  const esc = '\u001b[0K';
  fc.assert(
    fc.property(fc.array(line, { minLength: 2, maxLength: 40 }), fc.nat(), (lines, seed) => {
      const raw = lines.map(([flags, text], index) =>
        index % 9 === 4
          ? `${stamp('00O ')}section_start:${index}:part${index}\r${esc}${text}`
          : `${stamp(flags)}${text}`,
      );
      const begin = seed % raw.length;
      const front = raw.slice(0, begin).reduce((sum, text) => sum + text.length + 1, 0);
      const whole = readTrace(raw.join('\n'));
      const shown = readTrace(raw.join('\n'), front);
      // Whole lines of the end, apart from the first, which may go on with a line of the lead.
      expect(shown.lines.length).toBeLessThanOrEqual(whole.lines.length);
      for (const text of shown.lines) expect(whole.lines.some((other) => other.endsWith(text.trimStart()))).toBe(true);
      for (const section of shown.sections) {
        expect(section.start).toBeLessThanOrEqual(section.end);
        expect(section.end).toBeLessThanOrEqual(shown.lines.length);
      }
      for (const index of shown.errorStream) expect(index).toBeLessThan(shown.lines.length);
      if (begin === 0) expect(shown).toEqual(whole);
    }),
  );
});

describe('the log of a job', () => {
  let stand: StandIn;
  beforeAll(async () => {
    stand = await startStandIn();
  });
  afterAll(() => stand.close());

  const maxBytes = 65_536;
  const token = 'glpat-Zk3vQx9LmP2wRt7YbN4c';
  const job = jobWith('log-limit');
  const review = async (body: string, max = maxBytes) => {
    const detail = { id: job.id, status: 'failed', finished_at: '2026-11-20T00:00:00Z', artifacts: [] };
    stand.faults.add({ service: 'gitlab', path: `/jobs/${job.id}$`, status: 200, body: detail });
    stand.faults.add({
      service: 'gitlab',
      path: '/trace',
      status: 200,
      headers: { 'content-type': 'text/plain' },
      body,
    });
    return runOperation(reviewPipelineJob, stand.ports(), {
      project: String(job.pipeline.project.id),
      job_id: job.id,
      max_bytes: max,
      max_characters: 60_000,
      search: 'word',
    });
  };

  test.each([
    ['one line', 'word '],
    ['many lines', 'word word\n'],
  ])('cut anywhere in a token, %s, shows none of it', async (_name, word) => {
    for (const behind of [maxBytes, 2 * maxBytes]) {
      for (let inside = 0; inside <= token.length; inside += 4) {
        const end = word.repeat(2 * behind).slice(0, behind - inside);
        const result = await review(`${word.repeat(30_000)}${token}${end}`);
        expect(leaks(JSON.stringify(result), token.slice(6))).toBe(false);
        expect(result.log_incomplete_reason).toContain('only its end was read');
        expect(result.matches?.count).toBeGreaterThan(0);
      }
    }
  });

  test('no more is shown than was asked for, and a log as long as that is whole', async () => {
    const exact = await review('word word\n'.repeat(6553).padEnd(maxBytes, '.'));
    expect(exact).toMatchObject({ log_incomplete: false, log: { lines: 6554 } });
    const over = await review('word word\n'.repeat(6654));
    expect(over.log?.lines).toBe(6553);
    const far = await review('word word\n'.repeat(66_554));
    expect(far.log?.lines).toBe(6553);
  });
});
