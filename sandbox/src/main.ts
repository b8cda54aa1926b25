import { parseArgs } from 'node:util';
import { type SandboxOptions, type ServiceName, startSandbox } from './sandbox';

const SERVICES: readonly ServiceName[] = ['panther', 'gitlab', 'slack', 'model', 'iam', 'okta', 'control'];

const HELP = `Usage: sandbox [options]

Starts stand-ins for Panther, GitLab, Slack, an OpenAI-compatible model, AWS IAM and Okta on loopback, for demos and tests.
Everything it holds is simulated, unless a folder of CloudTrail files is given.

  --cloudtrail DIR     load .json, .json.gz and .ndjson files below DIR instead of the generated tenant
  --panther-port N     port of the Panther stand-in (any free one unless given; likewise the next ones)
  --gitlab-port N
  --slack-port N
  --model-port N
  --iam-port N         AWS IAM
  --okta-port N
  --slack-request-url URL  where Slack sends clicks (to the sockets of Socket Mode unless given)
  --control-port N     port of the control endpoint: faults, reset, recorded requests, sample alerts
  --seed N             seed of the generated data (1)
  --base-time TIME     ISO 8601 moment the stories lead up to; the tenant's clock then stands still (now)
  --gitlab-fleet P:M   a second GitLab group, simulated-fleet, with P projects and M merge requests (none)
  --help               this text

One line of JSON with all addresses and credentials appears on standard output when everything is ready.
`;

class UsageError extends Error {}

function readOptions(args: string[]): SandboxOptions | 'help' {
  const port = { type: 'string' as const };
  const { values } = parseArgs({
    args,
    options: {
      cloudtrail: { type: 'string' },
      'panther-port': port,
      'gitlab-port': port,
      'slack-port': port,
      'model-port': port,
      'iam-port': port,
      'okta-port': port,
      'control-port': port,
      'slack-request-url': { type: 'string' },
      seed: { type: 'string' },
      'base-time': { type: 'string' },
      'gitlab-fleet': { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return 'help';
  const ports: Partial<Record<ServiceName, number>> = {};
  for (const service of SERVICES) {
    const text = values[`${service}-port` as 'panther-port'];
    if (text !== undefined) ports[service] = wholeNumber(`--${service}-port`, text, 65_535);
  }
  const baseTime = values['base-time'] === undefined ? undefined : new Date(values['base-time']);
  if (baseTime && Number.isNaN(baseTime.getTime()))
    throw new UsageError(`--base-time: ${values['base-time']} is not a time`);
  const fleet = /^(\d{1,3}):(\d{1,5})$/.exec(values['gitlab-fleet'] ?? '');
  if (values['gitlab-fleet'] !== undefined && (fleet === null || Number(fleet[1]) === 0))
    throw new UsageError(`--gitlab-fleet: ${values['gitlab-fleet']} is not PROJECTS:MERGE_REQUESTS, e.g. 50:2000`);
  const requestUrl = values['slack-request-url'];
  if (requestUrl !== undefined && !/^https?:\/\//.test(requestUrl))
    throw new UsageError(`--slack-request-url: ${requestUrl} is no http or https address`);
  return {
    ...(requestUrl !== undefined && { slackRequestUrl: requestUrl }),
    ...(values.cloudtrail !== undefined && { cloudtrail: values.cloudtrail }),
    ports,
    ...(values.seed !== undefined && { seed: wholeNumber('--seed', values.seed, 0xffffffff) }),
    ...(baseTime && { baseTime }),
    ...(fleet && { gitlabFleet: { projects: Number(fleet[1]), mergeRequests: Number(fleet[2]) } }),
  };
}

function wholeNumber(option: string, text: string, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > max)
    throw new UsageError(`${option}: ${text} is not a whole number from 0 to ${max}`);
  return value;
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(HELP);
    return;
  }
  const sandbox = await startSandbox(options);
  const { close, sampleAlert, sampleAlerts, report, ...ready } = sandbox;
  const what = report
    ? `${report.events} events of ${report.files} files loaded, ${report.malformed} malformed left out`
    : 'a generated, simulated tenant';
  process.stderr.write(`sandbox: ready with ${what}. Slack page: ${ready.slack.page} Control: ${ready.control.url}\n`);
  for (const { file, at, reason } of report?.examples ?? [])
    process.stderr.write(`sandbox: left out ${file}${at ? `, record ${at}` : ''}: ${reason}\n`);
  process.stdout.write(
    `${JSON.stringify({ ready: true, ...ready, ...(report && { report }), sampleAlert: sampleAlert ?? null })}\n`,
  );
  let closing = false;
  const end = (): void => {
    if (closing) return;
    closing = true;
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}

main().catch((error: unknown) => {
  // One line: what is wrong, without a stack.
  const [line = ''] = String(error instanceof Error ? error.message : error).split('\n');
  process.stderr.write(`sandbox: ${line}\n`);
  process.exitCode = 1;
  process.exit();
});
