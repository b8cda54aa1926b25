import { Deadline } from '../../../operations/retry';
import { SlackClient } from '../../../operations/slack/client';
import { responseAddress } from '../../../operations/slack/response-address';
import { tellPerson } from '../../../operations/slack/tell-person';
import { startWorkspace, type Workspace } from './workspace';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await startWorkspace();
});
afterAll(() => workspace.close());
beforeEach(() => {
  workspace.slack.reset();
  workspace.faults.clear();
});

const eva = 'U0SIM0009';
const text = 'Too late <!channel>: *it* was <https://evil.example|decided>.';

async function tell(responseUrl: string | null, channel: string | null = 'C0SIM0102', user = eva) {
  const ports = workspace.ports();
  const client = await SlackClient.connect(ports, new Deadline(ports, 10_000));
  return tellPerson(client, { user, channel, threadTs: null, responseUrl }, text);
}
/** Methods and response addresses that were called. */
const called = () => workspace.slack.requests.map(({ operation, path }) => operation ?? path.split('/')[1]);
const alone = () => workspace.slack.interactions.state.messages.filter(({ ephemeralFor }) => ephemeralFor === eva);

it('is told in the channel, literally, and else in a direct message', async () => {
  expect(await tell(null)).toBe(true);
  expect(called()).toEqual(['chat.postEphemeral']);
  expect(alone().map((message) => message.text)).toEqual([
    'Too late &lt;!channel&gt;: *it* was &lt;https://evil.example|decided&gt;.',
  ]);
  workspace.faults.add({ service: 'slack', path: 'chat.postEphemeral', status: 500, times: 5 });
  expect(await tell(null)).toBe(true);
  expect(called().slice(1)).toEqual(['chat.postMessage']);
});

it.each([
  'https://hooks.slack.com.evil.example/actions/T/1/x',
  'http://hooks.slack.com/actions/T/1/x',
  'https://hooks.slack.com:8443/actions/T/1/x',
  'https://user@hooks.slack.com/actions/T/1/x',
  'https://files.slack.com/actions/T/1/x',
  'http://169.254.169.254/latest/meta-data',
  'file:///etc/passwd',
  'nothing',
])('is not told at %s', async (address) => {
  expect(responseAddress('https://slack.com/api', address)).toBeUndefined();
  expect(await tell(address)).toBe(true);
  expect(called()).toEqual(['chat.postEphemeral']);
});

it("is told at Slack's own address, which gets no token", () => {
  for (const address of ['https://hooks.slack.com/actions/T/1/x', 'https://hooks.slack-gov.com/actions/T/1/x'])
    expect(responseAddress('https://slack.com/api', address)).toBe(address);
  expect(responseAddress('http://127.0.0.1:5010/api', 'http://127.0.0.1:5010/actions/T/1/x')).toBeDefined();
  expect(responseAddress('http://127.0.0.1:5010/api', 'http://127.0.0.1:5011/actions/T/1/x')).toBeUndefined();
});

it('says when nobody could be told, and fails nobody for it', async () => {
  workspace.faults.add({ service: 'slack', path: 'chat\\.', status: 500, times: 10 });
  expect(await tell(null)).toBe(false);
});
