import fc from 'fast-check';
import { OperationError } from '../../../operations/errors';
import { parseInteraction, parseInteractionBody } from '../../../operations/slack/interaction-payload';

const click = {
  type: 'block_actions',
  user: { id: 'U0SIM0009', username: 'eva.novak', name: 'eva.novak', team_id: 'T0SIM0001' },
  api_app_id: 'A0SIM0001',
  token: 'legacy-verification-token',
  container: { type: 'message', message_ts: '1777593601.007920', channel_id: 'C0SIM0101', is_ephemeral: false },
  trigger_id: '12345.98765.abcd',
  team: { id: 'T0SIM0001', domain: 'simulated-corp' },
  channel: { id: 'C0SIM0101', name: 'soc-critical' },
  message: { type: 'message', ts: '1777593601.007920', text: 'x', blocks: [] },
  state: { values: {} },
  response_url: 'https://hooks.slack.com/actions/T/1/x',
  actions: [
    {
      type: 'button',
      action_id: 'soc_approval_approve',
      block_id: 'soc_approval:APR-1:ab',
      value: 'APR-1',
      action_ts: '1777593700.123456',
      text: { type: 'plain_text', text: 'Approve' },
    },
  ],
};
const answer = {
  type: 'view_submission',
  user: { id: 'U0SIM0009', username: 'eva.novak', team_id: 'T0SIM0001' },
  team: { id: 'T0SIM0001', domain: 'simulated-corp' },
  api_app_id: 'A0SIM0001',
  trigger_id: '1.2.x',
  view: {
    id: 'V1',
    callback_id: 'soc_approval_deny',
    private_metadata: '{"approval_id":"APR-1"}',
    state: { values: { reason: { text: { type: 'plain_text_input', value: 'Planned change' } } } },
  },
};
const body = (payload: unknown) => new URLSearchParams({ payload: JSON.stringify(payload) }).toString();

test('a click', () => {
  expect(parseInteractionBody(body(click))).toEqual({
    kind: 'block_action',
    user: { id: 'U0SIM0009', name: 'eva.novak', team_id: 'T0SIM0001' },
    team_id: 'T0SIM0001',
    app_id: 'A0SIM0001',
    trigger_id: '12345.98765.abcd',
    action_id: 'soc_approval_approve',
    block_id: 'soc_approval:APR-1:ab',
    value: 'APR-1',
    action_ts: '1777593700.123456',
    channel_id: 'C0SIM0101',
    message_ts: '1777593601.007920',
    thread_ts: null,
    response_url: 'https://hooks.slack.com/actions/T/1/x',
  });
});

test('a modal sent off, and one closed', () => {
  const expected = {
    user: { id: 'U0SIM0009', name: 'eva.novak', team_id: 'T0SIM0001' },
    team_id: 'T0SIM0001',
    app_id: 'A0SIM0001',
    trigger_id: '1.2.x',
    callback_id: 'soc_approval_deny',
    view_id: 'V1',
    private_metadata: '{"approval_id":"APR-1"}',
  };
  expect(parseInteraction(answer)).toEqual({
    ...expected,
    kind: 'view_submission',
    values: { reason: { text: 'Planned change' } },
  });
  const { state: _, ...view } = answer.view;
  expect(parseInteraction({ ...answer, type: 'view_closed', view, is_cleared: false })).toEqual({
    ...expected,
    kind: 'view_closed',
    values: {},
  });
});

test('the legacy token is not kept', () => {
  expect(JSON.stringify(parseInteraction(click))).not.toContain('legacy-verification-token');
});

test('a click in an app installed for a whole organisation has no workspace', () => {
  expect(parseInteraction({ ...click, team: null })).toMatchObject({ team_id: null });
});

test('types that nobody asked for are told apart', () => {
  expect(parseInteraction({ type: 'shortcut', user: { id: 'U1' } })).toEqual({ kind: 'other', type: 'shortcut' });
});

test.each([
  ['no payload', 'other=1', 'payload'],
  ['two payloads', `${body(click)}&${body(answer)}`, 'payload'],
  ['no JSON', 'payload=%7B', 'payload'],
  ['JSON that is no object', body([1]), 'payload'],
  ['no type', body({}), 'payload.type'],
  ['no user', body({ ...click, user: undefined }), 'payload.user'],
  ['an empty user id', body({ ...click, user: { id: '' } }), 'payload.user.id'],
  ['a user id that is no text', body({ ...click, user: { id: { $ne: 1 } } }), 'payload.user.id'],
  ['no action', body({ ...click, actions: [] }), 'payload.actions'],
  ['two actions', body({ ...click, actions: [...click.actions, ...click.actions] }), 'payload.actions'],
  [
    'a value that is no text',
    body({ ...click, actions: [{ ...click.actions[0], value: ['APR-1'] }] }),
    'payload.actions.0.value',
  ],
  ['a modal without a view', body({ ...answer, view: undefined }), 'payload.view'],
  ['an enormous payload', `payload=${'['.repeat(600_000)}`, 'payload'],
])('%s is refused by name', (_name, rawBody, field) => {
  expect(() => parseInteractionBody(rawBody)).toThrow(expect.objectContaining({ code: 'invalid_input', field }));
});

test('whatever comes in, the outcome is a value or a typed error', () => {
  const json = fc.jsonValue({ maxDepth: 4 });
  const like = fc.record(
    {
      type: fc.constantFrom('block_actions', 'view_submission', 'view_closed'),
      user: json,
      view: json,
      actions: json,
      team: json,
    },
    { requiredKeys: ['type'] },
  );
  fc.assert(
    fc.property(fc.oneof(json, like), (payload) => {
      try {
        expect(['block_action', 'view_submission', 'view_closed', 'other']).toContain(
          parseInteractionBody(body(payload)).kind,
        );
      } catch (error) {
        if (!(error instanceof OperationError)) throw error;
      }
    }),
  );
});
