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
