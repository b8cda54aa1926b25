import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { parse } from 'yaml';
import { type AppFeature, appFeatures, appManifest, scopesFor } from '../../../bridge/src/slack/app-manifest';
import { addSlackCommands } from '../../../bridge/src/slack/manifest-command';
import { Deadline } from '../../../operations/retry';
import { SlackClient } from '../../../operations/slack/client';
import { escalateToSocTeam } from '../../../operations/slack/escalate-to-soc-team';
import { findSlackUser } from '../../../operations/slack/find-slack-user';
import { getMessagePermalink } from '../../../operations/slack/get-message-permalink';
import { slackMethods } from '../../../operations/slack/methods';
import { openIncidentChannel } from '../../../operations/slack/open-incident-channel';
import { postMessage } from '../../../operations/slack/post-message';
import { findPost } from '../../../operations/slack/post-once';
import { ratePauses } from '../../../operations/slack/rate-pauses';
import { replyInThread } from '../../../operations/slack/reply-in-thread';
import { groupMembers } from '../../../operations/slack/slack-users';
import { updateMessage } from '../../../operations/slack/update-message';
import { uploadReport } from '../../../operations/slack/upload-report';
import type { TestPorts } from '../../support/ports';
import { startWorkspace, token, type Workspace } from './workspace';

const root = resolve(__dirname, '../../..');
const every = Object.keys(appFeatures) as AppFeature[];
const optional = ['approvals', 'user_groups', 'users', 'incident_channels', 'uploads'] as const;

/** Every string in our code that is the name of a method of the table, but for the table and the features themselves. */
function methodsInCode(): Set<string> {
  const files = ['operations/slack', 'bridge/src', 'nodes-host', 'nodes'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !/(^|\/)(methods|app-manifest)\.ts$/.test(name))
      .map((name) => join(root, folder, name)),
  );
  const text = files.map((file) => readFileSync(file, 'utf8')).join('\n');
  return new Set(Object.keys(slackMethods).filter((method) => text.includes(`'${method}'`)));
}

describe('the manifest', () => {
  test('covers exactly the methods that are called', () => {
    const known = Object.keys(slackMethods).sort();
    const covered = [...new Set(Object.values(appFeatures).flat() as string[])].sort();
    expect(covered).toEqual(known);
    // What nobody calls any more has no place in the table: its scope would be asked for in vain.
    expect([...methodsInCode()].sort()).toEqual(known);
  });

  test('asks for no more than the features that are switched on need', () => {
    const bare = appManifest({ name: 'SOC', features: [], transport: { kind: 'none' } });
    expect(bare.oauth_config.scopes.bot).toEqual([
      'channels:history',
      'channels:read',
      'chat:write',
      'groups:history',
      'groups:read',
    ]);
    for (const feature of optional) {
      const one = appManifest({ name: 'SOC', features: [feature], transport: { kind: 'socket' } });
      expect(one.oauth_config.scopes.bot).toEqual(scopesFor(['messages', 'buttons', feature]));
    }
  });

  test('says how clicks come in', () => {
    const requestUrl = 'https://soc.example/slack/interactions';
    const http = appManifest({ name: 'SOC', features: ['approvals'], transport: { kind: 'http', requestUrl } });
    expect(http.settings).toEqual({
      interactivity: { is_enabled: true, request_url: requestUrl },
      org_deploy_enabled: false,
      socket_mode_enabled: false,
      token_rotation_enabled: false,
    });
    const socket = appManifest({ name: 'SOC', features: [], transport: { kind: 'socket' } });
    expect(socket.settings).toMatchObject({ interactivity: { is_enabled: true }, socket_mode_enabled: true });
    expect(() => appManifest({ name: 'SOC', features: ['approvals'], transport: { kind: 'none' } })).toThrow(
      '--socket-mode',
    );
  });
});

describe('soc-bridge slack manifest', () => {
  async function manifest(...flags: string[]): Promise<{ out: string; err: string }> {
    const written = { out: '', err: '' };
    const spies = (['stdout', 'stderr'] as const).map((stream) =>
      jest.spyOn(process[stream], 'write').mockImplementation((text) => {
        written[stream === 'stdout' ? 'out' : 'err'] += String(text);
        return true;
      }),
    );
    const program = new Command().exitOverride();
    addSlackCommands(program);
    for (const command of program.commands.flatMap((group) => [group, ...group.commands])) command.exitOverride();
    try {
      await program.parseAsync(['slack', 'manifest', ...flags], { from: 'user' });
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
    return written;
  }
  const address = 'https://soc.example/slack/interactions';

  test('prints YAML or JSON, and what is left to do by hand', async () => {
    const { out, err } = await manifest('--all', '--socket-mode', '--name', 'Night watch');
    expect(parse(out)).toEqual(
      appManifest({ name: 'Night watch', features: [...optional], transport: { kind: 'socket' } }),
    );
    expect(err).toContain('connections:write');
    const json = await manifest('--format', 'json', '--approvals', '--request-url', address);
    expect(JSON.parse(json.out).settings.interactivity).toEqual({ is_enabled: true, request_url: address });
    expect(json.err).toContain('SLACK_SIGNING_SECRET');
  });

  test.each([
    ['--approvals'],
    ['--request-url', 'http://soc.example/slack/interactions'],
    ['--request-url', 'https://user:pw@soc.example/'],
    ['--request-url', address, '--socket-mode'],
    ['--name', 'x'.repeat(36)],
    ['--format', 'xml'],
  ])('refuses %s %s', async (...flags) => {
    await expect(manifest(...flags.filter(Boolean))).rejects.toThrow();
  });
});

describe('a token with the scopes of the manifest', () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await startWorkspace();
  });
  afterAll(() => workspace.close());
  beforeEach(() => {
    ratePauses.clear();
    workspace.slack.reset();
  });
  const portsWith = (scopes: readonly string[]) =>
    workspace.ports({ token: `${token}${scopes.map((scope) => `~${scope}`).join('')}` });

  /** Everything our code does in Slack, on public and on private channels. */
  async function everything(ports: TestPorts): Promise<void> {
    const run = (operation: unknown, input: object) => workspace.run(operation, input, ports);
    const client = await SlackClient.connect(ports, new Deadline(ports, 60_000));
    const content = { title: 't', summary: 's', invite: ['eva.novak@simulated-corp.example'] };
    const channels = [
      await run(openIncidentChannel, { ...content, name: 'inc-public', is_private: false }),
      await run(openIncidentChannel, { ...content, name: 'inc-private' }),
    ];
    for (const { channel } of channels as { channel: string }[]) {
      const { ts } = await run(postMessage, { channel, text: 'x' });
      await run(replyInThread, { channel, thread_ts: ts, text: 'y' });
      await run(updateMessage, { channel, ts, text: 'z' });
      await run(getMessagePermalink, { channel, ts });
      await findPost(client, { channel, mark: { eventType: 'soc_message', effect: 'none' } });
      const uploaded = await run(uploadReport, { channel, content: 'report' });
      expect(uploaded.ts).toEqual(expect.any(String));
    }
    await run(postMessage, { channel: '#inc-private', text: 'x' });
    await run(openIncidentChannel, { ...content, name: 'inc-private' });
    await run(findSlackUser, { user_id: 'U0SIM0009' });
    await groupMembers(client, 'S0SIM0001');
  }

  test('is enough for everything', async () => {
    await everything(portsWith(scopesFor(every)));
  });

  type Run = (operation: unknown, input: object) => Promise<Record<string, unknown>>;
  const channel = '#soc-high';
  const incident = (more: object) => ({ title: 't', summary: 's', name: 'inc-alone', ...more });
  /** What each feature is switched on for. */
  const uses: Record<
    Exclude<AppFeature, 'buttons' | 'approvals'>,
    (run: Run, client: SlackClient) => Promise<unknown>
  > = {
    messages: async (run, client) => {
      const { ts, channel: id } = await run(postMessage, { channel, text: 'x'.repeat(9_500) });
      await run(replyInThread, { channel: id, thread_ts: ts, text: 'y' });
      await run(updateMessage, { channel, ts, text: 'z' });
      await run(getMessagePermalink, { channel, ts });
      await run(escalateToSocTeam, { title: 't', summary: 's', urgency: 'high', channel });
      await findPost(client, { channel, mark: { eventType: 'soc_message', effect: 'none' } });
    },
    user_groups: (_run, client) => groupMembers(client, 'S0SIM0001'),
    users: async (run) => {
      await run(findSlackUser, { user_id: 'U0SIM0009' });
      await run(findSlackUser, { email: 'eva.novak@simulated-corp.example' });
    },
    incident_channels: async (run) => {
      const invite = ['eva.novak@simulated-corp.example', 'U0SIM0010'];
      for (const is_private of [true, false])
        expect(
          await run(openIncidentChannel, incident({ name: `inc-${is_private}`, is_private, invite })),
        ).toMatchObject({
          invited: expect.arrayContaining(['U0SIM0009', 'U0SIM0010']),
        });
    },
    uploads: async (run) => expect((await run(uploadReport, { channel, content: 'r' })).ts).toEqual(expect.any(String)),
  };

  test.each(Object.keys(uses) as (keyof typeof uses)[])('of %s alone is enough for it', async (feature) => {
    const ports = portsWith(scopesFor(feature === 'messages' ? ['messages'] : ['messages', feature]));
    const client = await SlackClient.connect(ports, new Deadline(ports, 60_000));
    await uses[feature]((operation, input) => workspace.run(operation, input, ports), client);
  });

  test.each(scopesFor(every))('without %s something cannot be done, and the error names it', async (scope) => {
    const failure = await everything(portsWith(scopesFor(every).filter((other) => other !== scope))).catch(
      (error: unknown) => error,
    );
    // Without files:read the report is there and only its place is not known: no error, but told.
    if (scope === 'files:read') return expect(String(failure)).toContain('null');
    expect(failure).toMatchObject({
      code: 'missing_permission',
      details: { permission: expect.stringContaining(scope) },
    });
  });
});
