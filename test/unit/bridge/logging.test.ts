import axios from 'axios';
import { createLogger, portLog } from '../../../bridge/src/hosting/logging';

function capture(level = 'debug') {
  const lines: string[] = [];
  return { lines, logger: createLogger(level, { write: (line) => void lines.push(line) }) };
}

describe('logs', () => {
  it('are JSON lines with level names and UTC times', () => {
    const { lines, logger } = capture();
    logger.info({ case_id: 'INV-1' }, 'done');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'info',
      time: expect.stringMatching(/Z$/),
      app: 'soc-bridge',
      case_id: 'INV-1',
      msg: 'done',
    });
  });

  it('hold no secrets: by field name and by what the text looks like', () => {
    const { lines, logger } = capture();
    const log = portLog(logger);
    logger.info({ token: 'one-secret', headers: { authorization: 'Bearer two-secret' } }, 'x');
    log.info('called with glpat-abcdefghijklmnopqrst', {
      url: 'https://simulated.example',
      body: 'password=three-secret',
      deep: { token: 'xoxb-123456789012-four' },
    });
    const text = lines.join('');
    for (const secret of ['one-secret', 'two-secret', 'glpat-abcdef', 'three-secret', 'xoxb-1234']) {
      expect(text).not.toContain(secret);
    }
    expect(text).toContain('https://simulated.example');
  });

  it('hold no secrets in what a child logger says of itself, nor in errors under any name', () => {
    const { lines, logger } = capture();
    const failure = Object.assign(new Error('no'), { token: 'one-secret', status: 401 });
    logger
      .child({ token: 'two-secret', headers: { cookie: 'three-secret' } })
      .info({ err: failure, cause: failure }, 'x');
    expect(lines.join('')).not.toMatch(/(?:one|two|three)-secret/);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      err: { message: 'no', status: 401, token: '[redacted]' },
      cause: { status: 401, token: '[redacted]' },
      token: '[redacted]',
      headers: { cookie: '[redacted]' },
    });
  });

  it('hold nothing of the request that an error of a library carries along', async () => {
    const { lines, logger } = capture();
    const failure: unknown = await axios
      .post('http://127.0.0.1:1/', '{"argument":"four-secret"}', {
        headers: { authorization: 'Bearer one-secret', 'x-panther-value': 'two-secret' },
        proxy: false,
      })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ config: { headers: expect.anything() } });
    logger.warn({ err: failure, more: { deep: { failure, list: [failure] } } }, 'not sent');
    logger.child({ failure }).warn('not sent');
    logger.warn({ err: new Error('outer', { cause: failure }) }, 'not sent');
    logger.warn({ err: new AggregateError([failure], 'all') }, 'not sent');
    expect(lines.join('')).not.toMatch(/(?:one|two|four)-secret/);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      err: { type: 'AxiosError', code: 'ECONNREFUSED', message: expect.stringContaining('ECONNREFUSED 127.0.0.1:1') },
    });
    expect(JSON.parse(lines[2] ?? '')).toMatchObject({ err: { message: 'outer', cause: { code: 'ECONNREFUSED' } } });
    expect(JSON.parse(lines[3] ?? '')).toMatchObject({ err: { errors: [{ code: 'ECONNREFUSED' }] } });
  });

  it('hold no secret at any depth, nor the row that a database complains of', () => {
    const { lines, logger } = capture();
    const row = Object.assign(new Error('duplicate key of a row'), {
      code: '23505',
      constraint: 'access_tokens_pkey',
      detail: 'Key (secret_hash)=(one-secret) already exists.',
    });
    logger.error({ err: row, a: { b: { c: { botToken: 'two-secret', apiKey: 'three-secret' } } } }, 'x');
    logger.error(
      { err: new Error('no answer of https://user:four-secret@host.example/ with glpat-aaaaaaaaaaaa') },
      'x',
    );
    expect(lines.join('')).not.toMatch(/(?:one|two|three|four)-secret|glpat-a/);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ err: { code: '23505', constraint: 'access_tokens_pkey' } });
  });

  it('take an error that refers to itself, and what is no plain object', () => {
    const { lines, logger } = capture();
    const circle: Error & { cause?: unknown } = new Error('round');
    circle.cause = circle;
    logger.error({ err: circle, socket: new Map([['token', 'one-secret']]), bytes: Buffer.from('one-secret') }, 'x');
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('one-secret');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ err: { message: 'round' }, socket: '[object]' });
  });

  it('let text from services neither end a line nor colour a terminal', () => {
    const { lines, logger } = capture();
    portLog(logger).warn('a\u001b[31mb\u202ec', { title: 'x\r\ny\u001b]0;z\u0007' });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.trimEnd()).not.toMatch(/[\u0000-\u001f\u202e]|\\u001b/);
    expect(JSON.parse(lines[0] ?? '').msg).toBe('abc');
  });

  it('respect the level', () => {
    const { lines, logger } = capture('warn');
    portLog(logger).info('not shown');
    portLog(logger).warn('shown');
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['shown']);
  });
});
