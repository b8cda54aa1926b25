import fc from 'fast-check';
import { addAlertComment } from '../../../operations/panther/add-alert-comment';
import { safeCommentHtml } from '../../../operations/panther/comment-html';
import { listAlertComments } from '../../../operations/panther/list-alert-comments';
import { type AlertTenant, idOf, startAlertTenant, storedAlert, unknownId } from './alert-tenant';

let tenant: AlertTenant;
beforeAll(async () => {
  tenant = await startAlertTenant([storedAlert(1), storedAlert(2)]);
});
afterEach(() => tenant.reset());
afterAll(() => tenant.close());

const add = (input: object = {}, ports = tenant.ports()) =>
  tenant.run(addAlertComment, { alert_id: idOf(1), body: 'Looked at it.', ...input }, ports);
const list = (input: object = {}) => tenant.run(listAlertComments, { alert_id: idOf(1), ...input });
const stored = async () => (await tenant.meanwhile(`/alert-comments?alert-id=${idOf(1)}&limit=50`)).json.results;
const posts = () => tenant.panther.requests.filter(({ method }) => method === 'POST').length;
const post = { service: 'panther', method: 'POST', path: '^/alert-comments' };

test('a comment is posted as plain text and confirmed by the answer', async () => {
  const output = await add();
  expect(output).toMatchObject({
    alert_id: idOf(1),
    confirmed_by: 'answer',
    comment: { body: 'Looked at it.', format: 'PLAIN_TEXT', created_by: { type: 'api-token' } },
  });
  expect(await stored()).toMatchObject([{ body: 'Looked at it.', format: 'PLAIN_TEXT' }]);
});

test('all comments are read, in pages', async () => {
  for (let index = 0; index < 120; index += 1)
    await tenant.meanwhile('/alert-comments', 'POST', { alertId: idOf(1), body: `no. ${index}`, format: 'PLAIN_TEXT' });
  expect(await list({ limit: 1000 })).toMatchObject({ count: 120, complete: true, next: null });
  const first = await list({ limit: 70 });
  expect(first).toMatchObject({ count: 70, complete: false });
  const rest = await list({ limit: 1000, cursor: first.next });
  const ids = [...first.comments, ...rest.comments].map(({ id }) => id);
  expect(new Set(ids).size).toBe(120);
});

test('comments are cleaned, and a body that is no text is shown as JSON', async () => {
  const comment = { id: 'c1', alertId: idOf(1), format: 'HTML', createdAt: '2026-03-18T10:00:00Z' };
  const results = [
    { ...comment, body: '<b>\u202Ex</b> password=hunter2hunter2' },
    { ...comment, id: 'c2', body: { blocks: [1] } },
    { ...comment, id: 'c3', body: null },
    { ...comment, id: 'c4', alertId: idOf(2), body: 'of another alert' },
  ];
  tenant.faults.add({ service: 'panther', status: 200, body: { results } });
  const { comments } = await list();
  expect(comments.map(({ body }: { body: string }) => body)).toEqual([
    '<b>x</b> password=[redacted secret]',
    '{"blocks":[1]}',
    '',
  ]);
});

describe('a lost answer', () => {
  test.each<[string, object]>([
    ['a connection cut after the comment was taken', { reset: 'after' }],
    ['an answer that never comes', { reset: 'after', delayMs: 10 }],
  ])('%s: the comment is found and not posted again', async (_name, fault) => {
    tenant.faults.add({ ...post, ...fault });
    expect(await add()).toMatchObject({ confirmed_by: 'reading', comment: { body: 'Looked at it.' } });
    expect(await stored()).toHaveLength(1);
    expect(posts()).toBe(1);
  });

  test.each<[string, object]>([
    ['a connection cut before', { reset: 'before' }],
    ['HTML with status 502', { status: 502, body: '<html>Bad Gateway</html>' }],
    ['JSON with status 500', { status: 500, body: { message: 'broken' } }],
    ['an empty 200', { status: 200, body: '' }],
  ])('%s: nothing is sent again, and the outcome is said to be unknown', async (_name, fault) => {
    tenant.faults.add({ ...post, ...fault });
    await expect(add()).rejects.toMatchObject({
      code: 'unavailable',
      details: { outcome: 'unknown', alert_id: idOf(1) },
      message: expect.stringContaining('read the comments again'),
    });
    expect(await stored()).toHaveLength(0);
    expect(posts()).toBeLessThanOrEqual(1);
  });

  test('an older comment of the same text is not taken for the new one', async () => {
    await add();
    tenant.faults.add({ ...post, reset: 'before' });
    await expect(add()).rejects.toMatchObject({ details: { outcome: 'unknown' } });
    tenant.faults.add({ ...post, reset: 'after' });
    const output = await add();
    const all = await stored();
    expect(all).toHaveLength(2);
    expect(output.comment.id).toBe(all[1].id);
  });

  test('a comment that Panther trimmed or tidied up is recognised', async () => {
    tenant.faults.add({ ...post, reset: 'before' });
    let reads = 0;
    tenant.before(async ({ method }) => {
      if (method === 'GET') reads += 1;
      if (method === 'GET' && reads === 2)
        await tenant.meanwhile('/alert-comments', 'POST', { alertId: idOf(1), body: '<p>a b</p>', format: 'HTML' });
    });
    expect(await add({ body: ' <b>a</b>  b\n', format: 'html' })).toMatchObject({ confirmed_by: 'reading' });
  });

  test('when the comments cannot be read either, the outcome stays unknown', async () => {
    tenant.faults.add({ ...post, reset: 'after' });
    tenant.faults.add({
      service: 'panther',
      method: 'GET',
      path: '^/alert-comments',
      after: 1,
      times: 50,
      status: 503,
      body: '',
    });
    await expect(add()).rejects.toMatchObject({ details: { outcome: 'unknown' } });
    expect(posts()).toBe(1);
  });

  test('an abort while the comment is being posted does not lose it', async () => {
    const controller = new AbortController();
    tenant.before(({ method }) => {
      if (method === 'POST') controller.abort();
    });
    expect(await add({}, tenant.ports({ signal: controller.signal }))).toMatchObject({ confirmed_by: 'answer' });
    expect(await stored()).toHaveLength(1);
  });
});

test('nothing is posted on an alert that is not there, or without permission', async () => {
  await expect(add({ alert_id: unknownId })).rejects.toMatchObject({ code: 'not_found_or_no_access' });
  expect(posts()).toBe(0);
  tenant.panther.settings.permissions = ['AlertRead'];
  await expect(add()).rejects.toMatchObject({ code: 'missing_permission', details: { permission: 'AlertModify' } });
});

test('limits: 10,000 characters, not empty', async () => {
  expect((await add({ body: 'x'.repeat(10_000) })).comment.body).toHaveLength(10_000);
  for (const body of ['', 'x'.repeat(10_001)])
    await expect(add({ body })).rejects.toMatchObject({ code: 'invalid_input' });
});

describe('text from logs', () => {
  test('stays text in plain text: the format says so, and hidden characters go', async () => {
    await add({ body: '<script>alert(1)</script>\u202E\u200B' });
    expect(await stored()).toMatchObject([{ body: '<script>alert(1)</script>', format: 'PLAIN_TEXT' }]);
  });

  test('in HTML only tags that shape text and links are markup', async () => {
    await add({
      format: 'html',
      body: '<p>Seen <b>twice</b>: <img src=x onerror=alert(1)> <a href="https://simulated.example/x">case</a> <a href="javascript:alert(1)">x</a></p><script>x</script>',
    });
    expect((await stored())[0]).toEqual(
      expect.objectContaining({
        format: 'HTML',
        body: '<p>Seen <b>twice</b>: &lt;img src=x onerror=alert(1)> <a href="https://simulated.example/x">case</a> &lt;a href="javascript:alert(1)">x</a></p>&lt;script>x&lt;/script>',
      }),
    );
  });

  test('property: every tag that is left is one of the allowed ones, and cleaning twice changes nothing', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '/',
      '"',
      ' ',
      'script',
      'p',
      'b',
      'a href="https://x"',
      'img',
      'on=',
      'svg',
      '=',
      '\u0000',
      '\u200b',
      '<p',
      '</p>',
      "'",
      '&lt;',
      '\n',
    );
    const allowed =
      /^<\/?(?:p|br|hr|b|strong|i|em|u|s|code|pre|blockquote|ul|ol|li|h[1-6]|table|thead|tbody|tr|th|td|a|a href="https?:\/\/[^"<>\s]+")\s?\/?>/i;
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 30 }), (pieces) => {
        const html = safeCommentHtml(pieces.join(''));
        for (let at = html.indexOf('<'); at !== -1; at = html.indexOf('<', at + 1))
          expect(html.slice(at)).toMatch(allowed);
        expect(safeCommentHtml(html)).toBe(html);
      }),
      { numRuns: 500 },
    );
  });
});
