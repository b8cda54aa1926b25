import fc from 'fast-check';
import { readTrace } from '../../../operations/gitlab/trace';
import { excerptOf, failingSection, lastCharacters } from '../../../operations/gitlab/trace-excerpt';
import { redactLines } from '../../../operations/gitlab/trace-secrets';
import { redactSecrets } from '../../../operations/text';
import { cpuMs } from '../supply-chain/cpu-time';

const esc = '\u001b';
const start = (name: string, at = 1, options = '') => `section_start:${at}:${name}${options}\r${esc}[0K`;
const end = (name: string, at = 2) => `section_end:${at}:${name}\r${esc}[0K`;
const stamped = (text: string, flags = '00O ') => `2024-05-14T11:19:20.000000Z ${flags}${text}`;

describe('lines', () => {
  test('timestamps go, and continued lines join the last line of their stream', () => {
    const raw = [
      stamped('one '),
      stamped('error: tw', '01E '),
      stamped('and a half', '00O+'),
      stamped('o', '01E+'),
      stamped('three'),
    ].join('\n');
    const trace = readTrace(raw);
    expect(trace.lines).toEqual(['one and a half', 'error: two', 'three']);
    expect([...trace.errorStream]).toEqual([1]);
  });

  test('a continued line without a beginning, as in the tail of a log, stays a line', () => {
    expect(readTrace(stamped('rest', '00O+')).lines).toEqual(['rest']);
  });

  test('a line that rewrites itself keeps its last state', () => {
    expect(readTrace('10%\r20%\r100%\r\nnext\r\n').lines).toEqual(['100%', 'next']);
    expect(readTrace(`a\r${esc}[0K`).lines).toEqual(['a']);
    const asStamped = [stamped('10%\r'), stamped('20%\r', '00O+'), stamped('done', '00O+')].join('\n');
    expect(readTrace(asStamped).lines).toEqual(['done']);
  });

  test('colours, links and invisible characters go; empty lines of the script stay', () => {
    const raw = `${esc}[31;1mred${esc}[0;m\n\n${esc}]8;;https://evil.example\u0007text${esc}]8;;\u0007\nev\u202eil\u200b`;
    expect(readTrace(raw).lines).toEqual(['red', '', 'text', 'evil']);
  });

  test('an empty log has no lines', () => {
    expect(readTrace('').lines).toEqual([]);
  });
});

describe('sections', () => {
  test('several markers on a line, nested and repeated names', () => {
    const raw = [
      `${start('step_script', 10)}Running`,
      `${start('test', 11, '[collapsed=true]')}${esc}[0KTests`,
      'ok',
      `${end('test', 14)}${start('test', 14)}`,
      'not ok',
      `${end('test', 15)}${end('step_script', 20)}`,
    ].join('\n');
    const trace = readTrace(raw);
    expect(trace.lines).toEqual(['Running', 'Tests', 'ok', 'not ok']);
    expect(trace.sections).toEqual([
      { name: 'step_script', start: 0, end: 4, durationSeconds: 10, isClosed: true, depth: 0 },
      { name: 'test', start: 1, end: 3, durationSeconds: 3, isClosed: true, depth: 1 },
      { name: 'test', start: 3, end: 4, durationSeconds: 1, isClosed: true, depth: 1 },
    ]);
  });

  test('an end without a start, as in the tail of a log, ends what was before it', () => {
    const trace = readTrace(`middle\n${end('step_script')}\n${start('after_script')}bye\n${end('after_script')}`);
    expect(trace.sections[0]).toMatchObject({ name: 'step_script', start: 0, end: 1, durationSeconds: null });
    expect(failingSection(trace.sections)?.name).toBe('step_script');
  });

  test('the failing section is the one before the runner cleans up', () => {
    const raw = [
      start('get_sources'),
      'Fetching',
      end('get_sources'),
      start('step_script'),
      'boom',
      end('step_script'),
      start('upload_artifacts_on_failure'),
      'Uploading',
      end('upload_artifacts_on_failure'),
      'ERROR: Job failed: exit code 137',
    ].join('\n');
    const trace = readTrace(raw);
    expect(trace.exitCode).toBe(137);
    expect(excerptOf(trace, true, 1000)).toMatchObject({
      failing_section: { name: 'step_script', text: 'boom', first_line: 2, omitted_characters: 0 },
      tail: 'Uploading\nERROR: Job failed: exit code 137',
    });
    expect(excerptOf(trace, false, 1000).failing_section).toBeNull();
  });

  test('a section of the script that never ended is where it stopped', () => {
    const raw = [start('step_script'), start('lint'), 'ok', end('lint'), start('deploy'), 'boom', end('step_script')];
    expect(failingSection(readTrace(raw.join('\n')).sections)).toMatchObject({ name: 'deploy', isClosed: false });
  });

  test('the limit of the runner is seen at the end of a log only', () => {
    const sentence = "Job's log exceeded limit of 4194304 bytes.";
    expect(readTrace(`a\n${esc}[33;1m${sentence}\nJob execution will continue`).hitSizeLimit).toBe(true);
    expect(readTrace(`${sentence}\n${'line\n'.repeat(30)}`).hitSizeLimit).toBe(false);
  });
});

const key = [
  '-----BEGIN RSA PRIVATE KEY-----',
  'MIIEowIBAAKCAQEAsimulatedsimulated',
  'b0bAndAliceSimulated==',
  '-----END RSA PRIVATE KEY-----',
];

describe('secrets', () => {
  test('a key over many lines becomes one mark, and the lines after it keep their numbers', () => {
    expect(readTrace(['before', ...key, 'after'].join('\n')).lines).toEqual([
      'before',
      '[redacted private key]',
      '',
      '',
      '',
      'after',
    ]);
    expect(readTrace(key.map((line) => stamped(`  ${line}`)).join('\n')).lines.join('')).toBe(
      '  [redacted private key]',
    );
  });

  test('a beginning without an end takes what looks like a key and leaves the rest of the log', () => {
    const lines = readTrace([...key.slice(0, 3), '$ make deploy', 'ERROR: Job failed: exit code 2'].join('\n')).lines;
    expect(lines).toEqual(['[redacted private key]', '', '', '$ make deploy', 'ERROR: Job failed: exit code 2']);
  });

  test('an end without a beginning, as where the end of a log was cut out of a key, takes the key in front of it', () => {
    expect(readTrace([...key.slice(1), 'after'].join('\n')).lines).toEqual(['[redacted private key]', '', '', 'after']);
    expect(readTrace(['make: done', key[2], key[3]].join('\n')).lines).toEqual([
      'make: done',
      '[redacted private key]',
      '',
    ]);
    const material = Array.from({ length: 900 }, () => key[1]);
    const text = readTrace([...material.slice(0, 300), ...[key[3], 'x'], ...material.slice(0, 300), key[3]].join('\n'));
    expect(text.lines.join('')).not.toContain('MIIE');
  });

  test('two keys that share a line are both gone', () => {
    const text = readTrace([key[0], key[1], `${key[3]} ${key[0]}`, key[1], key[3], 'end'].join('\n')).lines.join('\n');
    expect(text).not.toContain('MIIE');
    expect(text).toMatch(/end$/);
  });
});

const secrets = [
  'glpat-simulated0123456789',
  'AWS_SECRET_ACCESS_KEY=simulatedSecretAccessKey0123456789',
  'Authorization: Bearer simulated.bearer.value',
  'https://deploy:simulatedPassword@git.example/',
  'xoxb-1234567890-simulated',
];
const hidden = [
  'simulated0123456789',
  'simulatedSecretAccess',
  'simulated.bearer',
  'simulatedPassword',
  '1234567890-simulated',
];
const chunk = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('\n', '\r', '\r\n', ' ', `${esc}[0K`, `${esc}[31m`, `${esc}]0;`, esc, '\u0000', '\u202e', '\ud800'),
  fc.constantFrom(
    start('a'),
    end('a'),
    start('b', 5),
    end('b', 3),
    'section_start:',
    'section_end:1:',
    start('__proto__'),
  ),
  fc.constantFrom(stamped(''), stamped('x', '00O+'), stamped('y', '01E '), stamped('', 'ffE+')),
  fc.constantFrom(...key, ...secrets.map((secret) => ` ${secret} `)),
);

test('any text is a log: nothing throws, no control character and no secret is left, sections fit their lines', () => {
  fc.assert(
    fc.property(
      fc.array(chunk, { maxLength: 60 }),
      fc.integer({ min: 0, max: 400 }),
      fc.boolean(),
      (chunks, budget, failed) => {
        const trace = readTrace(chunks.join(''));
        for (const line of trace.lines)
          expect(line).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u202a-\u202e\u200b]/);
        const text = trace.lines.join('\n');
        expect(redactSecrets(text)).toBe(text);
        for (const section of trace.sections) {
          expect(section.start).toBeLessThanOrEqual(section.end);
          expect(section.end).toBeLessThanOrEqual(trace.lines.length);
        }
        const excerpt = excerptOf(trace, failed, budget);
        expect((excerpt.failing_section?.text.length ?? 0) + excerpt.tail.length).toBeLessThanOrEqual(budget);
        for (const { line } of excerpt.error_lines) expect(trace.lines[line - 1]).toBeDefined();
      },
    ),
    { numRuns: 400 },
  );
});

test('a secret does not survive on a line of its own, whatever is around it', () => {
  const around = fc.array(
    fc.constantFrom('make', '$ deploy', stamped('x'), start('a'), end('a'), `${esc}[31m`, '50%\r'),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(
      around,
      fc.constantFrom(...secrets),
      around,
      fc.integer({ min: 40, max: 300 }),
      (before, secret, after, budget) => {
        const trace = readTrace([...before, secret, ...after].join('\n'));
        const shown = JSON.stringify([trace, excerptOf(trace, true, budget)]);
        for (const part of hidden) expect(shown).not.toContain(part);
      },
    ),
  );
});

test('the failing section is shown first and in full when it fits, however long the log before it is', () => {
  const line = fc.stringMatching(/^[a-z ]{0,30}[a-z]$/);
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 50 }),
      fc.array(line, { minLength: 1, maxLength: 10 }),
      fc.boolean(),
      (before, script, isStamped) => {
        const raw = [
          start('get_sources'),
          ...before,
          end('get_sources'),
          start('step_script'),
          ...script,
          end('step_script'),
          start('cleanup_file_variables'),
          end('cleanup_file_variables'),
          `${esc}[31;1mERROR: Job failed: exit code 1${esc}[0;m`,
        ].map((text) => (isStamped ? stamped(text) : text));
        const excerpt = excerptOf(readTrace(`${raw.join('\n')}\n`), true, 500);
        expect(excerpt.failing_section).toMatchObject({ name: 'step_script', text: script.join('\n') });
        expect(excerpt.tail).toBe('ERROR: Job failed: exit code 1');
      },
    ),
  );
});

test('the end of a text begins with a whole line where there is one', () => {
  expect(lastCharacters('one\ntwo\nthree', 9)).toBe('two\nthree');
  expect(lastCharacters('one\ntwo\nthree', 8)).toBe('three');
  expect(lastCharacters('onlyoneline', 4)).toBe('line');
  expect(lastCharacters('a\ud83d\ude00', 1)).toBe('');
});

test('lines that look like errors are found, and success that names the word is not', () => {
  const lines = [
    'npm ERR! code E404',
    'error TS2322: Type',
    'Traceback (most recent call last):',
    'E   AssertionError',
    '0 errors, 3 warnings',
    'found no errors',
    'failed: 0',
    'terrorist-list.csv',
    'fatal: could not read Username',
  ];
  const { error_lines: found } = excerptOf(readTrace(lines.join('\n')), true, 1000);
  expect(found.map(({ line }) => line)).toEqual([1, 2, 3, 4, 9]);
});

test('four megabytes of hostile log are read in a few seconds at most', () => {
  const bombs = [
    start('a').repeat(60_000),
    `${end('x')}${start('y')}`.repeat(40_000),
    '\r'.repeat(2_000_000),
    'a.'.repeat(2_000_000),
  ];
  for (const raw of bombs) {
    expect(cpuMs(() => excerptOf(readTrace(raw), true, 8000))).toBeLessThan(4000);
  }
});

describe('reading no more than is needed', () => {
  const line = fc.oneof(
    fc.constantFrom(
      '',
      '   ',
      'ok',
      'password:',
      'password',
      '  = "',
      ': hunter2hunter2',
      'Authorization: Bearer',
      'authorization',
      ':',
      'Bearer',
      'abcdef1234567890',
      'PRIVATE-TOKEN:',
      'glpat-SIMULATED00000000000',
      'https://deploy:hunter2hunter2@git.example',
      '"',
    ),
    fc.string({ maxLength: 12 }).map((text) => text.replace(/\n/g, ' ')),
  );

  test('redacting only around signs of secrets gives what redacting everything gives', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 30 }), (lines) => {
        const kept = [...lines];
        const whole = redactSecrets(lines.join('\n')).split('\n');
        if (redactLines(kept)) expect(kept).toEqual(whole);
        else expect(whole.length).not.toBe(lines.length);
      }),
      { numRuns: 2000 },
    );
  });

  test('an excerpt is the end of the joined lines, and says how much is left out', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 20 }), { maxLength: 40 }),
        fc.integer({ min: 0, max: 200 }),
        (texts, most) => {
          const lines = texts.map((text) => text.replace(/[^ -~]/g, ' '));
          const trace = { lines, sections: [], errorStream: new Set<number>(), hitSizeLimit: false, exitCode: null };
          const whole = lines.join('\n');
          const { tail, tail_omitted_characters: omitted } = excerptOf(trace, false, most);
          expect(tail).toBe(lastCharacters(whole, most));
          expect(omitted).toBe(whole.length - tail.length);
        },
      ),
    );
  });
});
