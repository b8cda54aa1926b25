import { type Command, InvalidArgumentError } from 'commander';
import { stringify } from 'yaml';
import { appManifest, type ManifestChoices } from './app-manifest';

interface Flags {
  name: string;
  requestUrl?: string;
  socketMode?: boolean;
  approvals?: boolean;
  userGroups?: boolean;
  users?: boolean;
  incidentChannels?: boolean;
  uploads?: boolean;
  all?: boolean;
  format: 'yaml' | 'json';
}

/** The group `slack`: the manifest of the app, with the least scopes for what is switched on. */
export function addSlackCommands(program: Command): void {
  const slack = program.command('slack').description('set up the Slack app');
  slack
    .command('manifest')
    .description('print the app manifest with the least scopes for the features switched on')
    .option('--name <name>', 'name of the app, up to 35 characters', nameOption, 'SOC Bridge')
    .option(
      '--request-url <url>',
      'clicks come to this address of the bridge: https://HOST/slack/interactions',
      urlOption,
    )
    .option('--socket-mode', 'clicks come over Socket Mode, without a public address')
    .option('--approvals', 'ask analysts for approval')
    .option('--user-groups', 'approvers and invitations by user group')
    .option('--users', 'look up users by e-mail address')
    .option('--incident-channels', 'open incident channels')
    .option('--uploads', 'upload reports as files')
    .option('--all', 'all of these features')
    .option('--format <format>', 'yaml or json', formatOption, 'yaml')
    .addHelpText(
      'after',
      '\nMessages and escalations are always in it; their buttons come with --request-url or --socket-mode.\nPaste it at https://api.slack.com/apps, Create New App, From a manifest.',
    )
    .action(print);
}

async function print(flags: Flags): Promise<void> {
  if (flags.requestUrl !== undefined && flags.socketMode)
    throw new Error('An app has either a request URL or Socket Mode: give one of --request-url and --socket-mode.');
  const on = (name: 'approvals' | 'userGroups' | 'users' | 'incidentChannels' | 'uploads') => flags.all || flags[name];
  const features: ManifestChoices['features'] = [
    ...(on('approvals') ? (['approvals'] as const) : []),
    ...(on('userGroups') ? (['user_groups'] as const) : []),
    ...(on('users') ? (['users'] as const) : []),
    ...(on('incidentChannels') ? (['incident_channels'] as const) : []),
    ...(on('uploads') ? (['uploads'] as const) : []),
  ];
  const transport: ManifestChoices['transport'] =
    flags.requestUrl !== undefined
      ? { kind: 'http', requestUrl: flags.requestUrl }
      : { kind: flags.socketMode ? 'socket' : 'none' };
  const manifest = appManifest({ name: flags.name, features, transport });
  if (flags.format === 'json') process.stdout.write(`${JSON.stringify(manifest, null, 2)}\n`);
  else process.stdout.write(stringify(manifest));
  process.stderr.write(`${nextSteps(transport.kind).join('\n')}\n`);
}

/** What Slack's own pages leave to a person. */
function nextSteps(transport: ManifestChoices['transport']['kind']): string[] {
  return [
    'Next: create the app from this manifest, install it, and set SLACK_BOT_TOKEN to its bot token (xoxb-...).',
    ...(transport === 'http' ? ['Set SLACK_SIGNING_SECRET to the signing secret under Basic Information.'] : []),
    ...(transport === 'socket'
      ? [
          'Make an app-level token with connections:write under Basic Information, and set SLACK_APP_TOKEN to it (xapp-...).',
        ]
      : []),
    'Invite the app to each channel it is to post in.',
  ];
}

function nameOption(value: string): string {
  if (value.trim() !== '' && value.length <= 35) return value.trim();
  throw new InvalidArgumentError('Use 1 to 35 characters.');
}

function urlOption(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol === 'https:' && url.username === '' && url.password === '') return url.href;
  throw new InvalidArgumentError('Slack calls https addresses only, such as https://soc.example/slack/interactions.');
}

function formatOption(value: string): Flags['format'] {
  if (value === 'yaml' || value === 'json') return value;
  throw new InvalidArgumentError('Use yaml or json.');
}
