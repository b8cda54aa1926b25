import { type Finding, finding } from './finding';

/** What is known about how a change came in. Null is "not known" and never counts. */
export interface ChangeFacts {
  author: string | null;
  mergedBy: string | null;
  mergedAt: string | null;
  isFirstContribution: boolean | null;
  isFromFork: boolean | null;
  /** Approvals by people other than the author; null when the approvals could not be read. */
  approvalsByOthers: number | null;
  /** Whether a program made the change. */
  isBot: boolean;
}

export interface WorkingHours {
  /** IANA name, e.g. Europe/Berlin. */
  timeZone: string;
  /** 0 to 23, inclusive. */
  fromHour: number;
  /** 1 to 24, exclusive. */
  toHour: number;
}

/** Accounts of programs that update dependencies, by the whole of their names, and GitLab's own of access tokens. */
const bot =
  /^@?(?:(?:renovate|dependabot|depfu|snyk)(?:[-_.]?(?:bot|gitlab|runner|service|mend|\d{1,6})){0,2}|(?:group|project)_\d+_bot(?:_\w+)?|service_account_\w+)$/i;

/** Whether a user name is that of such a program. Names are chosen by whoever has them, so nothing much may hang on it. */
export function isBotName(name: string | null): boolean {
  return name !== null && bot.test(name);
}

/** Signals of how the change came in. */
export function peopleSignals(facts: ChangeFacts, hours: WorkingHours): Finding[] {
  const findings: Finding[] = [];
  const about = (key: string) => ({ file: null, key });
  if (facts.isFirstContribution === true) {
    findings.push(
      finding(
        'first_contribution',
        about('author'),
        null,
        facts.author,
        `It is the first contribution of ${facts.author ?? 'its author'}.`,
      ),
    );
  }
  if (facts.isFromFork === true) {
    findings.push(finding('from_fork', about('source project'), null, null, 'It comes from another project.'));
  }
  if (facts.approvalsByOthers === 0 && facts.mergedAt !== null) {
    findings.push(finding('missing_approval', about('approvals'), null, '0', 'Nobody but its author approved it.'));
  }
  if (facts.mergedAt !== null && !facts.isBot && isOutside(facts.mergedAt, hours)) {
    findings.push(
      finding(
        'out_of_hours',
        about('merged_at'),
        null,
        facts.mergedAt,
        `It was merged outside ${hours.fromHour}:00 to ${hours.toHour}:00 ${hours.timeZone} or at a weekend.`,
      ),
    );
  }
  return findings;
}

/** Throws RangeError for a zone that does not exist. */
export function isOutside(iso: string, { timeZone, fromHour, toHour }: WorkingHours): boolean {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(new Date(iso));
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  const hour = Number(of('hour'));
  return of('weekday') === 'Sat' || of('weekday') === 'Sun' || hour < fromHour || hour >= toHour;
}
