import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { basename, join } from 'node:path';

/**
 * Episodes for the verdict benchmark: windows of CloudTrail records with whom an alert about them would name. The label
 * stands beside the window and never in it, as do the calls that make an attack one (`telling`), which variants keep.
 *
 * @typedef {Record<string, any>} Event
 * @typedef {{id: string, source: string, group: string, label: 'attack'|'benign'|'signal', telling: Event[],
 *   window: {indicators: {type: string, value: string}[], events: Event[], end: string}}} Episode
 */

/** A user's run of calls ends with the first pause longer than this. */
const pauseSeconds = 10;
/** As much as the plan looks back: what is older may be history of a window, what is younger is the window. */
const historyHours = 8;

const standIn = 'arn:aws:iam::111122223333:user/console.user';
const standInAddress = '198.51.100.10';
const someTime = '2024-01-01T12:00:00Z';

/** Names of simulation tools; a text with one of them would give an attack away. */
const tools = /stratus|red-?team|grimoire|pacu|cloudgoat|detonat|traildiscover/i;

const files = {
  invictus: 'cloudtrail/invictus.ndjson',
  stratus: 'cloudtrail/stratus.ndjson',
  console: 'cloudtrail/benign_console.ndjson',
  rule_tests: 'panther/cloudtrail_rule_tests.ndjson',
};

/**
 * Reads what is in `folder`. Files that are not there are `skipped`; lines that cannot be read are `unreadable`, each said in
 * words. `leftOut` counts those with whatever made no case: records without a name, users' windows without anything to look at.
 *
 * @returns {{episodes: Episode[], skipped: string[], unreadable: string[], leftOut: number}}
 */
export function readEpisodes(folder) {
  const makers = { invictus: userWindows, stratus: techniques, console: sessions, rule_tests: ruleTests };
  const episodes = [];
  const skipped = [];
  const unreadable = [];
  let leftOut = 0;
  for (const [source, file] of Object.entries(files)) {
    const path = [join(folder, file), join(folder, basename(file))].find(existsSync);
    if (path === undefined) {
      skipped.push(file);
      continue;
    }
    const rows = readFileSync(path, 'utf8')
      .split(/\r?\n/)
      .flatMap((line, index) => {
        if (line.trim() === '') return [];
        const { row, problem } = parsed(line, groupField[source]);
        if (problem === undefined) return [row];
        unreadable.push(`${file}, line ${index + 1}: ${problem}`);
        return [];
      });
    const made = makers[source](rows);
    episodes.push(...made.episodes);
    leftOut += made.leftOut;
  }
  return { episodes: withOwnIds(episodes), skipped, unreadable, leftOut: leftOut + unreadable.length };
}

/** The field that tells which case a row belongs to; users' windows are cut by time. */
const groupField = { stratus: 'technique', console: 'session', rule_tests: 'rule' };

function parsed(line, field) {
  let row;
  try {
    row = JSON.parse(line.replace(/^\uFEFF/, ''));
  } catch {
    return { problem: 'no JSON' };
  }
  if (!isObject(row)) return { problem: 'no object' };
  if (!isObject(row.event)) return { problem: 'no event' };
  if (typeof row.event.eventName !== 'string') return { problem: 'an event without a name' };
  if (field !== undefined && (row[field] ?? '') === '')
    return { problem: `no ${field}, so that nobody knows its case` };
  return { row };
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Two cases of one name get a number, so that each can be found in the result. */
function withOwnIds(episodes) {
  const seen = new Map();
  return episodes.map((episode) => {
    const count = (seen.get(episode.id) ?? 0) + 1;
    seen.set(episode.id, count);
    return count === 1 ? episode : { ...episode, id: `${episode.id}~${count}` };
  });
}

/** The half of an episode, by a hash of its group, so that variants of one thing are in one half. */
export function halfOf({ group }) {
  return createHash('sha256').update(String(group)).digest()[0] % 2 === 0 ? 'A' : 'B';
}

/**
 * Runs of calls of each user, with those of the sessions it opened, cut where the user was silent. Neither the label nor the
 * episode of a row takes part. A run of ordinary reads alone raises no alert, so it is no case.
 */
function userWindows(rows) {
  const usable = rows
    .map((row) => ({ ...row, event: cleaned(row.event) }))
    .filter(({ event }) => event !== undefined)
    .sort((a, b) => a.event.eventTime.localeCompare(b.event.eventTime));
  const events = usable.map(({ event }) => event);
  const owner = ownersOf(events);
  const isPerson = (who) => who !== undefined && !/\/m?i-[0-9a-f]{8,17}$|:assumed-role\/AWSServiceRole/i.test(who);
  const byUser = groupBy(
    usable.filter(({ event }) => isPerson(owner(event))),
    ({ event }) => owner(event),
  );
  const episodes = [];
  let leftOut = 0;
  for (const [user, mine] of byUser) {
    for (const run of runs(mine)) {
      if (!run.some(({ event }) => isAlarming(event))) {
        leftOut += 1;
        continue;
      }
      const [from, to] = [run[0].event.eventTime, run.at(-1).event.eventTime];
      const oldest = new Date(Date.parse(to) - historyHours * 3_600_000).toISOString();
      const seen = events.filter(({ eventTime }) => (eventTime >= from && eventTime <= to) || eventTime < oldest);
      const id = `invictus/${user.split('/').at(-1)}/${from}`;
      episodes.push({
        id,
        source: 'invictus',
        group: id,
        label: run.some(isDetonation) ? 'attack' : 'benign',
        telling: run.filter(isDetonation).map(({ event }) => event),
        window: {
          indicators: indicatorsOf(
            user,
            run.map(({ event }) => event),
          ),
          events: seen,
          end: to,
        },
      });
    }
  }
  return { episodes, leftOut };
}

function runs(rows) {
  const found = [];
  for (const row of rows) {
    const last = found.at(-1)?.at(-1);
    const pause = last && Date.parse(row.event.eventTime) - Date.parse(last.event.eventTime);
    if (pause === undefined || pause > pauseSeconds * 1000) found.push([row]);
    else found.at(-1).push(row);
  }
  return found;
}

/** Whose calls these are: of a session, the ARN of whoever opened it as far as the records say; else the caller's own. */
function ownersOf(events) {
  const openedBy = new Map();
  for (const { responseElements, userIdentity } of events) {
    const key = responseElements?.credentials?.accessKeyId;
    if (key !== undefined && userIdentity?.arn) openedBy.set(key, userIdentity);
  }
  return ({ userIdentity }) => {
    let who = userIdentity;
    for (let hops = 0; hops < 5 && openedBy.has(who?.accessKeyId) && openedBy.get(who.accessKeyId) !== who; hops += 1)
      who = openedBy.get(who.accessKeyId);
    return who?.arn;
  };
}

/** Anything but a successful ordinary read: what detections look at, and what the plan lists one by one. */
function isAlarming({ eventName, errorCode }) {
  const read = /^(?:Describe|List|Get|Head|Lookup|Search|BatchGet|Decrypt|Encrypt|GenerateDataKey)/.test(eventName);
  return (
    !read ||
    (errorCode ?? null) !== null ||
    /^(?:BatchGetSecretValue|GetSecretValue|GetParameter|GetPasswordData)/.test(eventName)
  );
}

/**
 * The marks cover every call of the tool: also Terraform's probe before, and the reverting after a technique. Those are no
 * attack, and are told by what they do.
 */
function isDetonation({ attack, event }) {
  if (attack !== true || event.eventName === 'DescribeAccountAttributes') return false;
  return (
    !reverts.has(event.eventTime) &&
    !/^(?:Delete(?!Trail|FlowLogs)|Detach|Remove|Revoke|StartLogging|List)/.test(event.eventName)
  );
}

/** Seconds in which the recorded tool reverted techniques, from the recording's own order of calls. */
const reverts = new Set(['2023-07-10T12:07:49.000Z', '2023-07-10T12:11:57.000Z', '2023-07-10T12:28:24.000Z']);

function techniques(rows) {
  return grouped(rows, 'technique', (technique, events) => {
    const owner = ownersOf(events);
    const user = events.map(owner).find((who) => who !== undefined) ?? standIn;
    return {
      id: `stratus/${technique}`,
      source: 'stratus',
      group: technique,
      label: 'attack',
      telling: events.filter(isAlarming),
      window: {
        indicators: indicatorsOf(
          user,
          events.filter((event) => owner(event) === user),
        ),
        events,
        end: events.at(-1).eventTime,
      },
    };
  });
}

function sessions(rows) {
  return grouped(rows, 'session', (session, events) => ({
    id: `console/${session.slice(0, 12)}`,
    source: 'console',
    group: session,
    label: 'benign',
    telling: [],
    window: { indicators: indicatorsOf(standIn, events), events, end: events.at(-1).eventTime },
  }));
}

/**
 * A test that must not alert is a near miss and benign. One that must alert says that the rule matches, which is not that there
 * was an attack: those are a third kind, reported apart.
 */
function ruleTests(rows) {
  const episodes = rows.flatMap(({ rule, test, expected, event }) => {
    const one = cleaned(event);
    if (one === undefined) return [];
    const user = one.userIdentity.arn || one.userIdentity.userName || standIn;
    return [
      {
        id: `rule_tests/${rule}/${test}`,
        source: 'rule_tests',
        group: rule,
        label: expected ? 'signal' : 'benign',
        telling: [],
        window: { indicators: indicatorsOf(user, [one]), events: [one], end: one.eventTime },
      },
    ];
  });
  return { episodes, leftOut: rows.length - episodes.length };
}

function grouped(rows, key, make) {
  const groups = groupBy(rows, (row) => String(row[key]));
  const episodes = [...groups].flatMap(([name, members]) => {
    const events = members
      .map(({ event }) => cleaned(event))
      .filter((event) => event !== undefined)
      .sort((a, b) => a.eventTime.localeCompare(b.eventTime));
    return events.length === 0 ? [] : [make(name, events)];
  });
  return { episodes, leftOut: groups.size - episodes.length };
}

function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    if (groups.has(key)) groups.get(key).push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** The principal, and the addresses its calls came from, as an alert's indicators. */
function indicatorsOf(user, events) {
  const addresses = [...new Set(events.map(({ sourceIPAddress }) => sourceIPAddress))];
  return [
    /^arn:aws[a-z-]*:(?:iam|sts)::\d{12}:/.test(user)
      ? { type: 'aws_arn', value: user }
      : { type: 'user', value: user.split('/').at(-1) },
    ...addresses
      .filter((ip) => isIP(ip ?? '') !== 0)
      .slice(0, 5)
      .map((value) => ({ type: 'ip', value })),
  ];
}

/** An event with what its publisher took out put back as a stand-in, and without names that give the simulation away. */
function cleaned(event) {
  if (typeof event?.eventName !== 'string') return undefined;
  const time = Date.parse(utc(event.eventTime ?? event.p_event_time));
  const copy = { ...event, eventTime: new Date(Number.isNaN(time) ? someTime : time).toISOString() };
  const identity = isObject(copy.userIdentity) ? textsOnly(copy.userIdentity, ['arn', 'userName', 'invokedBy']) : {};
  copy.userIdentity = identity;
  if (typeof copy.sourceIPAddress !== 'string') delete copy.sourceIPAddress;
  if (typeof copy.errorCode !== 'string' || copy.errorCode === '') delete copy.errorCode;
  if (!identity.arn && !identity.userName && !identity.invokedBy && identity.type !== 'AWSService') {
    // No account: what the records say of accounts is theirs, and a made-up one would make all of them foreign.
    copy.userIdentity = { type: 'IAMUser', userName: 'console.user', ...identity, arn: standIn };
    copy.sourceIPAddress ??= standInAddress;
  }
  if (tools.test(String(copy.userAgent ?? ''))) copy.userAgent = 'sdk-client';
  return copy;
}

/** Without those of the named members that are no text. */
function textsOnly(object, names) {
  return Object.fromEntries(
    Object.entries(object).filter(([name, value]) => !names.includes(name) || typeof value === 'string'),
  );
}

function utc(time) {
  const text = String(time ?? '');
  return /(?:z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text.replace(' ', 'T').replace(/(\.\d{3})\d+$/, '$1')}Z`;
}
