import type { TableRow } from '../csv-table';
import { localText, localTime } from '../local-time';
import { afterHoursReason, cell, type Exception, grouped, type RuleInput, zoneOf } from './rule';

const hourMs = 3_600_000;

/** People at work outside of business hours on their own clock: one lead for each of them and each local day. */
export function afterHours(input: RuleInput): Exception[] {
  const { settings, populations } = input;
  const late = populations.activity.filter((row) => {
    const user = cell(row, 'user');
    if (settings.serviceIdentities.includes(user.toLowerCase())) return false;
    const at = Date.parse(cell(row, 'quarter'));
    if (settings.onCall.some((shift) => shift.user === user.toLowerCase() && at >= shift.from && at < shift.to))
      return false;
    return afterHoursReason(settings, zoneOf(input, user), at) !== null;
  });
  const dayOf = (row: TableRow) => localTime(zoneOf(input, cell(row, 'user')), Date.parse(cell(row, 'quarter'))).date;
  return grouped(late, (row) => JSON.stringify([cell(row, 'user'), cell(row, 'account'), dayOf(row)])).map((rows) => {
    const [first] = rows;
    const user = cell(first, 'user');
    const zone = zoneOf(input, user);
    const sum = (column: string) => rows.reduce((total, row) => total + Number(cell(row, column)), 0);
    const reasons = rows.map((row) => afterHoursReason(settings, zone, Date.parse(cell(row, 'quarter'))) ?? '');
    return {
      control: 'access_after_hours',
      kind: 'after_hours_activity',
      class: 'lead',
      at: cell(first, 'first_at'),
      subject: user,
      statement: `${user} made ${sum('events')} calls (${sum('changes')} of them changes) on ${dayOf(first as TableRow)} from ${localText(zone, Date.parse(cell(first, 'first_at')))} in ${zone}: ${[...new Set(reasons)].join(', ')}.`,
      population: 'activity',
      rows,
    };
  });
}

const administrator = /\/(?:AdministratorAccess|IAMFullAccess|PowerUserAccess)$/;
const grants = /:(?:Attach(?:User|Role|Group)Policy|AttachManagedPolicyToPermissionSet)$/;
const toUser = /:(?:AttachUserPolicy|PutUserPolicy|AddUserToGroup)$/;
const meansToSignIn = /:(?:CreateAccessKey|CreateLoginProfile|UpdateLoginProfile|CreateServiceSpecificCredential)$/;

/** Rights that were given, and means to sign in that were made for somebody else. Only calls that were carried out. */
export function privileged({ populations }: RuleInput): Exception[] {
  return populations.privileged.flatMap((row): Exception[] => {
    if (cell(row, 'error') !== '') return [];
    const [user, target, action, policy] = [
      cell(row, 'user'),
      cell(row, 'target'),
      cell(row, 'action'),
      cell(row, 'policy'),
    ];
    const shared = {
      control: 'access_privileged',
      class: 'exception',
      at: cell(row, 'time'),
      subject: user,
      population: 'privileged',
      rows: [row],
    } as const;
    const found: Exception[] = [];
    if (grants.test(action) && administrator.test(policy)) {
      found.push({
        ...shared,
        kind: 'administrator_granted',
        statement: `${user} gave ${target || 'an identity'} the policy ${policy} (${action}).`,
      });
    }
    if (toUser.test(action) && target !== '' && target === user) {
      const what = policy || cell(row, 'group') || 'a policy of its own';
      found.push({
        ...shared,
        kind: 'rights_given_to_oneself',
        statement: `${user} gave themselves ${what} (${action}).`,
      });
    }
    if (meansToSignIn.test(action) && target !== '' && target !== user) {
      found.push({
        ...shared,
        kind: 'credential_for_another_user',
        statement: `${user} made or changed a credential of ${target} (${action}).`,
      });
    }
    return found;
  });
}

/** Sign-ins that failed often within an hour, and calls that were refused often: leads. */
export function failed({ populations, settings }: RuleInput): Exception[] {
  const failures = populations.sign_ins.filter((row) => cell(row, 'result') === 'failure');
  const bursts = grouped(failures, (row) => JSON.stringify([cell(row, 'system'), cell(row, 'user')])).flatMap((rows) =>
    burstsOf(rows, settings.failedSignIns),
  );
  const denied = grouped(populations.denied, (row) =>
    JSON.stringify([cell(row, 'user'), cell(row, 'account'), cell(row, 'hour')]),
  ).filter((rows) => rows.reduce((sum, row) => sum + Number(cell(row, 'calls')), 0) >= settings.deniedCalls);
  return [
    ...bursts.map((rows): Exception => {
      const [first] = rows;
      return {
        control: 'access_failed',
        kind: 'repeated_failed_sign_ins',
        class: 'lead',
        at: cell(first, 'time'),
        subject: cell(first, 'user'),
        statement: `${rows.length} sign-ins of ${cell(first, 'user')} to ${cell(first, 'system')} failed within an hour, from ${[...new Set(rows.map((row) => cell(row, 'ip')))].slice(0, 5).join(', ')}.`,
        population: 'sign_ins',
        rows,
      };
    }),
    ...denied.map((rows): Exception => {
      const [first] = rows;
      const calls = rows.reduce((sum, row) => sum + Number(cell(row, 'calls')), 0);
      return {
        control: 'access_failed',
        kind: 'repeated_refusals',
        class: 'lead',
        at: cell(first, 'hour'),
        subject: cell(first, 'user'),
        statement: `${calls} calls of ${cell(first, 'user')} were refused within the hour from ${cell(first, 'hour')}, to ${rows.length} ${rows.length === 1 ? 'action' : 'actions'}.`,
        population: 'denied',
        rows,
      };
    }),
  ];
}

/** Runs of at least `least` rows that lie within an hour of the run's first one. */
function burstsOf(unordered: readonly TableRow[], least: number): TableRow[][] {
  const time = (row: TableRow | undefined) => Date.parse(cell(row, 'time'));
  const rows = [...unordered].sort((a, b) => time(a) - time(b));
  const found: TableRow[][] = [];
  for (let begin = 0; begin < rows.length; ) {
    let end = begin;
    while (end < rows.length && time(rows[end]) - time(rows[begin]) < hourMs) end += 1;
    if (end - begin >= least) {
      found.push(rows.slice(begin, end));
      begin = end;
    } else begin += 1;
  }
  return found;
}

/** Each account and UTC day on which root worked. */
export function root({ populations }: RuleInput): Exception[] {
  return grouped(populations.root, (row) => JSON.stringify([cell(row, 'account'), cell(row, 'time').slice(0, 10)])).map(
    (rows) => {
      const [first] = rows;
      const actions = [...new Set(rows.map((row) => cell(row, 'action')))];
      const without = rows.filter((row) => cell(row, 'mfa') !== 'yes').length;
      return {
        control: 'access_root',
        kind: 'root_used',
        class: 'exception',
        at: cell(first, 'time'),
        subject: `root of ${cell(first, 'account') || 'an unknown account'}`,
        statement: `Root of account ${cell(first, 'account') || 'unknown'} made ${rows.length} calls on ${cell(first, 'time').slice(0, 10)} (UTC), ${without} of them without a second factor: ${actions.slice(0, 5).join(', ')}${actions.length > 5 ? ' and others' : ''}.`,
        population: 'root',
        rows,
      };
    },
  );
}

/** Passwords alone, and second factors taken away. Federated sign-ins leave the second factor to the identity provider. */
export function mfa({ populations }: RuleInput): Exception[] {
  const passwords = populations.sign_ins
    .filter((row) => cell(row, 'result') === 'success' && cell(row, 'mfa') === 'no' && cell(row, 'federated') === 'no')
    .map(
      (row): Exception => ({
        control: 'access_mfa',
        kind: 'sign_in_without_mfa',
        class: 'exception',
        at: cell(row, 'time'),
        subject: cell(row, 'user'),
        statement: `${cell(row, 'user')} signed in to ${cell(row, 'system')} with a password alone, from ${cell(row, 'ip')}.`,
        population: 'sign_ins',
        rows: [row],
      }),
    );
  const removed = populations.privileged
    .filter(
      (row) =>
        /:(?:DeactivateMFADevice|DeleteVirtualMFADevice)$/.test(cell(row, 'action')) && cell(row, 'error') === '',
    )
    .map(
      (row): Exception => ({
        control: 'access_mfa',
        kind: 'mfa_removed',
        class: 'exception',
        at: cell(row, 'time'),
        subject: cell(row, 'user'),
        statement: `${cell(row, 'user')} took a second factor away from ${cell(row, 'target') || 'an identity'} (${cell(row, 'action')}).`,
        population: 'privileged',
        rows: [row],
      }),
    );
  return [...passwords, ...removed];
}
