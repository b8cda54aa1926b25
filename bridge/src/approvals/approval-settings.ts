/** How approvals are set up. Without approvers or without a way in for decisions every request is refused. */
export interface ApprovalSettings {
  /** Slack ids of users (`U...`, `W...`) and user groups (`S...`) who may decide. Empty: nobody. */
  approvers: string[];
  minApprovals: number;
  /** Where requests are posted unless they name a channel. */
  channel: string | undefined;
  /** Where a second message goes when nobody decides. */
  escalationChannel: string | undefined;
  /** User group that is called there. */
  escalationGroup: string | undefined;
  /** Part of the time to decide after which the reminder is sent, and the second message; percent. */
  remindPercent: number;
  escalatePercent: number;
  /** How long an approved action may wait to begin, in milliseconds. */
  useWithinMs: number;
  /** Slack user ids by the principal that the bridge authenticates, so that a requester cannot approve. */
  requesters: Record<string, string>;
  /** Origins that outcomes may be announced to. */
  resumeOrigins: string[];
  /** Any of them may sign what comes from Slack; several while one is exchanged. */
  signingSecrets: string[];
  /** App-level token (`xapp-...`) for Socket Mode. */
  appToken: string | undefined;
}

/** What this needs of the environment's reader. */
export interface SettingsReader {
  text(variable: string): string | undefined;
  secret(variable: string): string | undefined;
  integer(variable: string, fallback: number, min: number, max: number): number;
  problem(variable: string, text: string): void;
}

const approverId = /^[UWS][A-Z0-9]{2,20}$/;

export function readApprovalSettings(reader: SettingsReader): ApprovalSettings {
  const list = (variable: string) =>
    (reader.text(variable) ?? '')
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '');
  const approvers = [...new Set(list('SLACK_APPROVERS'))];
  if (!approvers.every((id) => approverId.test(id))) {
    reader.problem(
      'SLACK_APPROVERS',
      'is not a list of Slack user ids (U...) and user group ids (S...) with commas; names do not count',
    );
  }
  const group = reader.text('SLACK_APPROVAL_ESCALATION_GROUP');
  if (group !== undefined && !/^S[A-Z0-9]{2,20}$/.test(group)) {
    reader.problem('SLACK_APPROVAL_ESCALATION_GROUP', 'is no id of a Slack user group (S...)');
  }
  const appToken = reader.secret('SLACK_APP_TOKEN');
  if (appToken !== undefined && !appToken.startsWith('xapp-')) {
    reader.problem('SLACK_APP_TOKEN', 'is no app-level token (xapp-...) with the scope connections:write');
  }
  return {
    approvers,
    minApprovals: reader.integer('SLACK_MIN_APPROVALS', 1, 1, 10),
    channel: reader.text('SLACK_APPROVAL_CHANNEL'),
    escalationChannel: reader.text('SLACK_APPROVAL_ESCALATION_CHANNEL'),
    escalationGroup: group,
    remindPercent: reader.integer('SLACK_APPROVAL_REMIND_PERCENT', 50, 1, 99),
    escalatePercent: reader.integer('SLACK_APPROVAL_ESCALATE_PERCENT', 75, 1, 99),
    useWithinMs: 60_000 * reader.integer('SLACK_APPROVAL_USE_MINUTES', 30, 1, 1440),
    requesters: readRequesters(reader, list('SLACK_REQUESTERS')),
    resumeOrigins: list('N8N_RESUME_ORIGINS').flatMap((address) => readOrigin(reader, address)),
    signingSecrets: (reader.secret('SLACK_SIGNING_SECRET') ?? '').split(',').filter((secret) => secret !== ''),
    appToken,
  };
}

/** `principal=U0123` with commas between them. */
function readRequesters(reader: SettingsReader, entries: string[]): Record<string, string> {
  const requesters: Record<string, string> = Object.create(null);
  for (const entry of entries) {
    const at = entry.lastIndexOf('=');
    const [principal, id] = [entry.slice(0, at).trim(), entry.slice(at + 1).trim()];
    if (at > 0 && /^[UW][A-Z0-9]{2,20}$/.test(id)) requesters[principal] = id;
    else reader.problem('SLACK_REQUESTERS', 'is not a list of principal=SLACK_USER_ID with commas');
  }
  return requesters;
}

function readOrigin(reader: SettingsReader, address: string): string[] {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const plain = url !== undefined && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href;
  if (plain) return [url.origin];
  reader.problem(
    'N8N_RESUME_ORIGINS',
    'is not a list of origins such as https://n8n.example.com, without a path, with commas',
  );
  return [];
}

/** Why approvals cannot be asked for; undefined when they can. */
export function whyRefused({ approvers, signingSecrets, appToken }: ApprovalSettings): string | undefined {
  if (approvers.length === 0) return 'nobody is set up to decide: set SLACK_APPROVERS to Slack user and user group ids';
  if (signingSecrets.length === 0 && appToken === undefined) {
    return 'no decision could come in: set SLACK_SIGNING_SECRET (for the Request URL) or SLACK_APP_TOKEN (for Socket Mode)';
  }
  return undefined;
}
