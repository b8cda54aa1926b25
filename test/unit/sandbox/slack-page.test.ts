import { blocksHtml } from '../../../sandbox/src/slack/block-html';
import { type Directory, mrkdwnHtml } from '../../../sandbox/src/slack/mrkdwn';
import { createSlack } from '../../../sandbox/src/slack/server';
import { ask } from './ask';

const directory: Directory = {
  user: (id) => (id === 'U1' ? 'Eva <b>' : undefined),
  channel: () => 'soc-high',
  userGroup: () => 'soc',
};
const render = (text: string, autolink = false) => mrkdwnHtml(text, directory, autolink);

/** Elements in the HTML, by name. */
const tags = (html: string) => [...html.matchAll(/<([a-z0-9]+)/g)].map((match) => match[1]);

const HOSTILE = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg/onload=alert(1)>',
  '<javascript:alert(1)|click>',
  '<data:text/html,x|click>',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '`<script>`',
  '```<img src=x>```',
  '*<b onclick=x>* _<i>_ ~<s>~',
  '> <iframe src=//x>',
  '<https://x.example/"onmouseover="alert(1)|text>',
  '<@U1> <@"><img>>',
  "'; </span><style>*{display:none}</style>",
  '\uE0000\uE001 <script>',
];

describe('mrkdwn', () => {
  it.each(HOSTILE)('shows %s as text', (text) => {
    for (const html of [render(text), render(text, true)]) {
      const allowed = ['b', 'i', 's', 'a', 'br', 'code', 'pre', 'blockquote', 'span'];
      expect(tags(html).filter((tag) => !allowed.includes(tag ?? ''))).toEqual([]);
      expect(html).not.toMatch(/<[^>]*\son\w+=/);
      expect(html).not.toMatch(/href="(?!https?:|mailto:)/);
    }
  });

  it('makes a mention only of control syntax that is really there', () => {
    expect(render('<!channel>')).toBe('<span class="mention broadcast">@channel</span>');
    expect(render('&lt;!channel&gt;')).toBe('&#60;!channel&#62;');
    expect(render('`<!channel>`')).toBe('<code>&#60;!channel&#62;</code>');
    expect(render('&amp;lt;!channel&amp;gt;')).toBe('&#38;lt;!channel&#38;gt;');
    expect(render('<@U1> <#C1> <!subteam^S1>')).toBe(
      '<span class="mention">@Eva &#60;b&#62;</span> <span class="mention">#soc-high</span> <span class="mention">@soc</span>',
    );
    expect(render('<!unknown>')).toBe('&#60;!unknown&#62;');
  });

  it('formats, links and dates', () => {
    expect(render('*b* _i_ ~s~ `c` 2*3*4')).toBe('<b>b</b> <i>i</i> <s>s</s> <code>c</code> 2*3*4');
    expect(render('> a\n> b\nc')).toBe('<blockquote>a<br>b</blockquote>c');
    expect(render('<https://x.example/?a=1&amp;b=2|here>')).toContain('href="https://x.example/?a=1&#38;b=2"');
    expect(render('see https://x.example.')).not.toContain('<a');
    expect(render('see https://x.example.', true)).toContain('>https://x.example</a>.');
    expect(render('<!date^1795330000^{date} {time}|soon>')).toContain('2026-11-22 06:46 UTC');
    expect(render(':white_check_mark: :no_such:')).toBe('✅ :no_such:');
  });

  it('spells out characters that nobody could see', () => {
    expect(render('a\u202eb\u200b')).toBe('a<span class="unseen">U+202E</span>b<span class="unseen">U+200B</span>');
  });
});

describe('Block Kit', () => {
  it.each(HOSTILE)('shows %s as text in every kind of text', (text) => {
    const html = blocksHtml(
      [
        { type: 'header', text: { type: 'plain_text', text } },
        { type: 'section', text: { type: 'mrkdwn', text }, fields: [{ type: 'plain_text', text }] },
        {
          type: 'context',
          elements: [
            { type: 'mrkdwn', text },
            { type: 'image', alt_text: text, image_url: text },
          ],
        },
        {
          type: 'actions',
          elements: [{ type: 'button', action_id: text, text: { type: 'plain_text', text }, url: text }],
        },
        {
          type: 'rich_text',
          elements: [
            {
              type: 'rich_text_preformatted',
              elements: [
                { type: 'text', text },
                { type: 'link', url: text, text },
              ],
            },
          ],
        },
        { type: 'markdown', text },
        { type: text },
      ],
      directory,
    );
    expect(tags(html).filter((tag) => ['script', 'img', 'svg', 'iframe', 'style'].includes(tag ?? ''))).toEqual([]);
    expect(html).not.toMatch(/<[^>"]*("[^"]*"[^>"]*)*\son\w+=/);
    expect(html).not.toMatch(/href="(?!https?:|mailto:)/);
  });

  it('keeps plain text and code literal, and tells the script which button is which', () => {
    const html = blocksHtml(
      [
        { type: 'header', text: { type: 'plain_text', text: '<!channel> *x*' } },
        {
          type: 'actions',
          elements: [
            { type: 'button', style: 'primary', action_id: 'approve', text: { type: 'plain_text', text: 'Approve' } },
          ],
        },
        {
          type: 'rich_text',
          elements: [
            {
              type: 'rich_text_section',
              elements: [
                { type: 'broadcast', range: 'here' },
                { type: 'text', text: 'x', style: { bold: true } },
              ],
            },
          ],
        },
      ],
      directory,
    );
    expect(html).toContain('<h3>&#60;!channel&#62; *x*</h3>');
    expect(html).toMatch(
      /<button [^>]*class="button primary" data-action-id="approve" data-block-id="">Approve<\/button>/,
    );
    expect(html).toContain('@here</span><b>x</b>');
  });
});

describe('the page', () => {
  const slack = createSlack({ seed: 1, baseTime: new Date('2026-11-20T12:00:00Z'), token: 't', signingSecret: 's' });
  const post = (args: object) =>
    ask(slack.handler, '/api/chat.postMessage', {
      headers: { authorization: 'Bearer t', 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(args),
    });

  it('says that it is simulated and runs nothing but its own script', async () => {
    const page = await ask(slack.handler, '/');
    expect(page.text).toContain('<b>Simulated Slack</b>');
    const policy = page.headers['content-security-policy'] ?? '';
    expect(policy).toMatch(/default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'/);
    expect(policy).not.toContain('unsafe');
    expect(page.text).not.toMatch(/(src|href)="https?:/);
  });

  it('gives the state of a channel with threads, and only says “unchanged” while nothing happens', async () => {
    const parent = (await post({ channel: 'soc-high', text: 'parent <!channel>' })).json;
    await post({ channel: 'soc-high', text: 'reply', thread_ts: parent.ts });
    const state = (await ask(slack.handler, `/page/state?channel=${parent.channel}&since=-1`)).json;
    expect(state.open.name).toBe('soc-high');
    expect(state.messages).toMatchObject([
      {
        author: 'SOC Bot',
        clock: '12:00',
        html: expect.stringContaining('mention broadcast'),
        replies: [{ html: expect.stringContaining('reply') }],
      },
    ]);
    expect(state.channels.map((channel: { name: string }) => channel.name)).not.toContain('exec-crisis');
    expect((await ask(slack.handler, `/page/state?channel=${parent.channel}&since=${state.version}`)).json).toEqual({
      version: state.version,
      unchanged: true,
    });
    expect(slack.requests.every((request) => request.path.startsWith('/api/'))).toBe(true);
  });
});
