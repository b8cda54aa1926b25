import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { Command } from 'commander';
import { addTokenCommands } from './access/token-commands';
import { Bridge, type Capabilities } from './bridge';
import { addCaseCommands } from './case-commands';
import { addComplianceCommands } from './compliance/compliance-commands';
import { ConfigError } from './config';
import { addConnectCommand } from './connect/connect-command';
import { addCredentialCommands } from './credentials/credential-commands';
import { CredentialKeeper } from './credentials/credential-keeper';
import { addDoctorCommand } from './doctor/doctor-command';
import { addInvestigateCommand } from './investigate-command';
import { DirectCalls } from './mcp/direct-calls';
import { MessageTooLong, StdioTransport } from './mcp/stdio-transport';
import { addAuditCommands } from './observing/audit-commands';
import { addResponseCommands } from './responses/response-commands';
import { addSlackCommands } from './slack/manifest-command';
import { addSqlCommands } from './sql-commands';
import { addToolCommand } from './tool-commands';

const environmentHelp = `
Environment
  PANTHER_API_URL, PANTHER_API_TOKEN       Panther's API address and token
  PANTHER_ALLOW                            read (default), write or destructive: how far Panther's tools may go
  PANTHER_SQL_DIALECT                      snowflake (default) or databricks
  PANTHER_MAX_WINDOW_DAYS                  longest window of time one query may read, default 92
  PANTHER_DATABASES                        databases that SQL may read besides Panther's own, with commas
  PANTHER_PRAGMAS                          template, pantherflow: let "-- pragma:" comments through, default none
  PANTHER_CACHE_SECONDS                    how long a result is used again for the same SQL, default 300, 0 is off
  GITLAB_URL, GITLAB_TOKEN                 default https://gitlab.com
  GITLAB_GROUP, GITLAB_PROJECT             used when a call names none
  GITLAB_ALLOW                             read (default), write or destructive: how far GitLab's tools may go
  SOC_READ_ONLY                            true: no tool that changes anything
  SOC_TOOLSETS                             the only toolsets, with commas: panther, gitlab, slack, cases, analytics,
                                           compliance, response, or all; default: the usual tools are listed, the
                                           others can be called by name
  SOC_TOOLS, SOC_TOOLS_DENY                the only tools, and those that are never offered, by name with commas
  SOC_RESULT_TOKENS                        longest answer to a model, in tokens; the rest is read with read_more; default
                                           10000, 0 is no limit
  SLACK_BOT_TOKEN, SLACK_API_URL           default https://slack.com/api
  SLACK_CHANNEL_CRITICAL, _HIGH, _MEDIUM, _LOW, _DEFAULT
  SLACK_MENTION_CRITICAL, _HIGH, _MEDIUM, _LOW
                                           whom an escalation calls: user groups (S...) and people (U...), with commas
  SLACK_ACK_SECONDS_CRITICAL, _HIGH, _MEDIUM, _LOW
                                           time to acknowledge an escalation until people are called again,
                                           default 300, 900, 3600 and 0 (never)
  SLACK_ESCALATE_TO                        who is called after the reminder, with commas: #channels, user groups (S...)
                                           and people (U...)
  SLACK_APPROVERS                          who may approve: Slack user (U...) and user group (S...) ids; unset: nobody
  SLACK_SIGNING_SECRET, SLACK_APP_TOKEN    how decisions come in: Request URL, or Socket Mode (xapp-...)
  SLACK_APPROVAL_CHANNEL, SLACK_MIN_APPROVALS
                                           where requests are posted, and how many people have to approve, default 1
  SLACK_APPROVAL_ESCALATION_CHANNEL, SLACK_APPROVAL_ESCALATION_GROUP
                                           where a second message goes when nobody decides, and whom it calls
  SLACK_APPROVAL_REMIND_PERCENT, SLACK_APPROVAL_ESCALATE_PERCENT
                                           default 50 and 75 percent of the time to decide
  SLACK_APPROVAL_USE_MINUTES               how long an approved action may wait to begin, default 30
  SLACK_REQUESTERS                         principal=U..., so that who asks cannot approve
  N8N_RESUME_ORIGINS                       origins of n8n that outcomes may be announced to
  HUNT_SCHEDULE_HOURS                      hours between two runs of the scheduled hunts by this bridge; default 0, never
  HUNT_SKIP                                hunts that are not run then, with commas
  RESPONSE_ENABLED                         true: approved responses may be carried out; default false
  RESPONSE_PROTECTED                       users, roles and ARNs that are never touched, with commas; * for any characters
  RESPONSE_MAX_PER_HOUR                    executions of one action within an hour, default 5
  RESPONSE_AWS_ACCESS_KEY_ID, RESPONSE_AWS_SECRET_ACCESS_KEY, RESPONSE_AWS_SESSION_TOKEN
  RESPONSE_AWS_REGION, RESPONSE_AWS_IAM_ENDPOINT
                                           AWS credential of responses alone; default us-east-1 and AWS's own address
  OKTA_URL, OKTA_API_TOKEN                 e.g. https://example.okta.com
  MODEL_BASE_URL, MODEL_NAME, MODEL_API_KEY
                                           an OpenAI-compatible endpoint for second opinions; off unless set
  SOC_ALERT_SECRET, SOC_ALERT_MAX_MIB      lets alert sources in that only send a fixed header; longest alert, default 8
  SOC_BRIDGE_TOKEN                         bearer token that callers send; at least 16 characters
  SOC_REQUIRE_AUTH                         true: nobody without a credential, not even on this machine
  SOC_SIGNING_KEYS                         keys of callers that sign, with commas: ID(SCOPES)=SECRET
  SOC_CONNECT_KEY, SOC_CONNECT_TOKEN       credential of soc-bridge connect: ID=SECRET to sign with, or a bearer token
  SOC_CONNECT_LOGIN, SOC_CONNECT_CLIENT_ID, SOC_CONNECT_REDIRECT_PORT
                                           how soc-bridge connect signs a person in; see soc-bridge connect --help
  SOC_OAUTH_ISSUER, SOC_PUBLIC_URL         authorization server whose tokens are taken, and the bridge's own address
  SOC_OAUTH_AUDIENCE, SOC_OAUTH_JWKS_URL, SOC_OAUTH_ALGORITHMS, SOC_OAUTH_PRINCIPAL_CLAIM
                                           default: SOC_PUBLIC_URL/mcp, as the issuer says, RS256,PS256,ES256,EdDSA, sub
  SOC_TLS_CERT_FILE, SOC_TLS_KEY_FILE      serve https
  SOC_TRUSTED_PROXIES                      addresses and networks of the proxies that end TLS, with commas
  SOC_ALLOW_PLAIN_HTTP                     true: beyond loopback without TLS and without a proxy
  SOC_RATE_PER_MINUTE, SOC_TOOL_RATE_PER_MINUTE
                                           requests of one caller, and its calls of one tool; default 6000 and 3000, 0 is off
  SOC_BRIDGE_HOST, SOC_BRIDGE_PORT         default 127.0.0.1 and 3333
  SOC_ALLOWED_HOSTS                        further host names of this bridge, with commas
  SOC_DATABASE_URL                         default sqlite:./soc-bridge.db; or postgres://...
  SOC_DATABASE_TIMEOUT_SECONDS             how long PostgreSQL may take for one statement, default 60
  SOC_REPORT_DIR                           where reports are written as <case id>.md
  SOC_COMPLIANCE_DIR                       where evidence packages are kept, one folder each
  SOC_ALLOW_PRIVATE_NETWORK                true: services may have private addresses
  SOC_CALL_TIMEOUT_SECONDS                 longest time for one tool call, default 600
  SOC_LEASE_SECONDS, SOC_CASE_LEASE_SECONDS, SOC_RECONCILE_SECONDS, SOC_MAX_ATTEMPTS
                                           default 30, 90, 5, 5
  SOC_DRAIN_SECONDS                        behind a proxy: how long a stopping server answers on open connections, default 0
  SOC_RELATED_HOURS                        alerts of one rule about one entity so far apart join one open case, default 24,
                                           0 is never
  SOC_CASE_CLOSERS                         principals that are people, Slack users (U...) and groups (S...) who may close cases, with
                                           commas; unset: nobody
  LOG_LEVEL                                default info; logs go to stderr
  SOC_METRICS_PORT, SOC_METRICS_HOST       serves counts for Prometheus at /metrics; off unless set, default 127.0.0.1
  SOC_AUDIT_HTTP_URL, SOC_AUDIT_HTTP_VALUE, SOC_AUDIT_HTTP_HEADER
                                           passes the audit trail on, e.g. to an HTTP source of Panther; the value is that of
                                           the whole header, default authorization

Where secrets are kept
  SOC_CREDENTIALS                          environment (default), keychain, aws: where secrets are looked for, in this order,
                                           with commas
  PANTHER_, GITLAB_, SLACK_, OKTA_, MODEL_, RESPONSE_CREDENTIALS
                                           the same for one service
  GITLAB_TOKEN_FILE, ...                   a file that holds the secret, in the place of its variable
  SOC_KEYCHAIN_SERVICE                     name of the keychain's entries, default soc-bridge
  SOC_AWS_SECRET_ID, SOC_AWS_REGION        secret of AWS Secrets Manager, a JSON object by variable; {group} in its name stands
                                           for panther, gitlab, slack, okta, model, response or bridge
  SOC_AWS_SECRETS_ENDPOINT                 another address than AWS's own
  SOC_CREDENTIAL_CACHE_SECONDS             how long a secret is used until it is asked for again, default 300`;

/** The command line. `capabilities` is what `serve` and `stdio` offer. */
export function createProgram(capabilities: Capabilities, version: string): Command {
  const program = new Command('soc-bridge')
    .description('SOC operations over Panther, GitLab and Slack as MCP tools, with the case store.')
    .version(version)
    .addHelpText('after', environmentHelp);
  program
    .command('serve')
    .description('serve MCP at /mcp, alerts at /alerts and cases at /cases over HTTP')
    .action(() => serve(capabilities, version));
  program
    .command('stdio')
    .description('serve MCP on stdin and stdout')
    .action(() => stdio(capabilities, version));
  addToolCommand(program, capabilities.operations);
  addInvestigateCommand(program, capabilities, version);
  addCaseCommands(program);
  addTokenCommands(program);
  addConnectCommand(program);
  addAuditCommands(program);
  addResponseCommands(program);
  addComplianceCommands(program, version);
  addSqlCommands(program, version);
  addSlackCommands(program);
  addCredentialCommands(program, capabilities.operations, version);
  addDoctorCommand(program, capabilities.operations, version);
  return program;
}

/** One line for each thing that is wrong, for the person who started the program. */
export function failureLines(error: unknown): string[] {
  if (error instanceof ConfigError) return error.problems;
  const { code, message, port } = error as { code?: string; message?: string; port?: number };
  if (code === 'EADDRINUSE') return [`Port ${port} is in use; choose another with SOC_BRIDGE_PORT.`];
  if (code === 'EACCES' && port !== undefined) return [`Port ${port} may not be used by this user; choose another.`];
  if (code === 'EADDRNOTAVAIL') return ['SOC_BRIDGE_HOST is not an address of this machine.'];
  // Names of files and texts of services may hold what a terminal would obey.
  return [(message ?? String(error)).replace(/[\p{C}\s]+/gu, ' ').trim()];
}

async function serve(capabilities: Capabilities, version: string): Promise<void> {
  const credentials = await CredentialKeeper.open(process.env);
  const bridge = await Bridge.open(credentials.config, capabilities, version);
  const stopped = stopSignal();
  credentials.start(bridge.logger);
  try {
    const server = await bridge.serve();
    print(JSON.stringify({ ready: true, url: server.url }));
    await stopped;
    await server.close();
  } finally {
    credentials.stop();
    await bridge.close();
  }
}

/**
 * Ends when the client closes stdin, as the MCP stdio binding asks, or does not take answers any more; rejects when it sent
 * what no connection survives. Nothing but MCP messages goes to stdout.
 */
async function stdio(capabilities: Capabilities, version: string): Promise<void> {
  for (const method of ['log', 'info', 'debug'] as const) console[method] = console.error;
  const credentials = await CredentialKeeper.open(process.env);
  const bridge = await Bridge.open(credentials.config, capabilities, version);
  credentials.start(bridge.logger);
  try {
    const observing = await bridge.observe();
    const end = bridge.begin();
    const { factory, callLocally } = bridge.createToolServer();
    const calls = new DirectCalls(callLocally, (json) => wire.write(json));
    const wire = new StdioTransport(process.stdin, process.stdout, calls);
    let tooLong = false;
    const handle = serveStdio(calls.watch(factory), {
      transport: wire,
      onerror: (error) => {
        tooLong ||= error instanceof MessageTooLong;
        bridge.logger.debug({ err: error }, 'mcp message refused');
      },
    });
    await Promise.race([stopSignal(), closed(wire)]);
    await handle.close();
    await end();
    await observing.stop();
    if (tooLong) throw new Error('The client sent a message of more than 10 MiB, which ends the connection.');
  } finally {
    credentials.stop();
    await bridge.close();
    process.stdin.destroy();
  }
}

/** Resolves when the connection is over, whichever side ended it. */
function closed(wire: StdioTransport): Promise<void> {
  const { onclose } = wire;
  return new Promise((resolve) => {
    wire.onclose = () => {
      onclose?.();
      resolve();
    };
  });
}

/** Resolves at the first SIGINT or SIGTERM; at the second the process ends at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(1);
        asked = true;
        resolve();
      });
    }
  });
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
