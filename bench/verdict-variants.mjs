import { seeded } from './verdict-figures.mjs';

/**
 * Variants of recorded episodes: the same acts in other words and in other company, so that a rule that knows one recording
 * by its names, its hour or its neighbours shows. What is made is simulated; the seeds are fixed, so that equal data give equal
 * variants.
 *
 * @typedef {import('./verdict-episodes.mjs').Episode} Episode
 */
export const kinds = {
  renamed: 'other accounts, users, addresses, regions, programs and hours',
  thinned: '10 to 30 % of the calls lost',
  mixed: 'a piece of somebody’s console session among the calls, as the same principal',
  cut: 'a stretch of 30 to 80 % of the window',
};

/** Tests of rules are many and of one call each: every third one is enough. */
const testsEach = 3;
const lostShare = [0.1, 0.3];
const stretch = [0.3, 0.8];
const pieces = [20, 120];

/** The variants of one kind of all episodes that have one. @param {Episode[]} episodes @param {keyof typeof kinds} kind */
export function variantsOf(episodes, kind, seed = 7) {
  const random = seeded(seed + Object.keys(kinds).indexOf(kind) * 1000);
  const sessions = episodes.filter(({ source }) => source === 'console');
  return episodes
    .filter(({ label }) => label !== 'signal')
    .filter(({ source }, index) => source !== 'rule_tests' || index % testsEach === 0)
    .flatMap((episode) => {
      const window = makers[kind](episode, random, sessions);
      return window === undefined ? [] : [{ ...episode, id: `${episode.id}#${kind}`, window }];
    });
}

const makers = { renamed, thinned, mixed, cut };

function between([from, to], random) {
  return from + random() * (to - from);
}

function pick(list, random) {
  return list[Math.floor(random() * list.length)];
}

const regions = ['us-east-2', 'us-west-1', 'eu-west-3', 'eu-north-1', 'ap-south-1', 'ap-northeast-3', 'sa-east-1'];
const programs = [
  'Boto3/1.34.1 md/Botocore#1.34.1',
  'aws-sdk-go-v2/1.24.0',
  'aws-cli/2.15.0 Python/3.11',
  'Mozilla/5.0 (X11; Linux x86_64)',
  'APN/1.0 HashiCorp/1.0 Terraform/1.6.0',
];
const people = ['anna.k', 'jo', 'svc-reports', 'm.okafor', 'backup-operator', 'li-wei'];

/** Every word of a kind becomes another one, the same each time. */
function renamed({ window }, random) {
  const text = JSON.stringify(window);
  const mapped = (make) => {
    const known = new Map();
    return (word) => {
      if (!known.has(word)) known.set(word, make(known.size));
      return known.get(word);
    };
  };
  const account = mapped(() => String(Math.floor(100_000_000_000 + random() * 899_999_999_999)));
  const region = mapped((count) => regions[(Math.floor(random() * 3) + count) % regions.length]);
  const address = mapped((count) => `203.0.113.${(count % 250) + 1}`);
  const program = mapped(() => pick(programs, random));
  const person = mapped((count) => `${pick(people, random)}${count}`);
  const words = (values) => [...new Set(values.filter((value) => typeof value === 'string' && value.length > 2))];
  const addresses = new Set(words(window.events.map(({ sourceIPAddress }) => sourceIPAddress)).filter(isAddress));
  const users = words(window.events.map(({ userIdentity }) => userIdentity?.userName));
  const other = text
    .replace(/\b\d{12}\b/g, account)
    .replace(/\b(?:us|eu|ap|sa|ca)-(?:east|west|south|north|central|southeast|northeast)-\d\b/g, region)
    .replace(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, (word) => (addresses.has(word) ? address(word) : word));
  const named = users.reduce(
    (all, user) =>
      all.replaceAll(`"${user}"`, `"${person(user)}"`).replaceAll(`user/${user}"`, `user/${person(user)}"`),
    other,
  );
  const moved = JSON.parse(named);
  const hours = Math.floor(random() * 24) * 3_600_000;
  const later = (time) => new Date(Date.parse(time) + hours).toISOString();
  return {
    ...moved,
    end: later(moved.end),
    events: moved.events.map((event) => ({
      ...event,
      eventTime: later(event.eventTime),
      ...(event.userAgent === undefined ? {} : { userAgent: program(event.userAgent) }),
    })),
  };
}

function isAddress(text) {
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text);
}

/** Some of the calls are lost; of what makes an attack one, never all and never more than a third. */
function thinned({ window, telling }, random) {
  const acts = new Set(telling);
  const lost = (list) => {
    const count = Math.floor(list.length * between(lostShare, random));
    return new Set(shuffled(list, random).slice(0, count));
  };
  const gone = new Set([
    ...lost(window.events.filter((event) => acts.has(event))),
    ...lost(window.events.filter((event) => !acts.has(event))),
  ]);
  return gone.size === 0 ? undefined : { ...window, events: window.events.filter((event) => !gone.has(event)) };
}

function shuffled(list, random) {
  return list
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** A piece of another session, as the principal of this one, within the half hour before the end. */
function mixed({ window, id }, random, sessions) {
  const session = pick(
    sessions.filter((other) => other.id !== id),
    random,
  );
  const owner = window.events.find(({ userIdentity }) => namesIn(window).includes(userIdentity?.arn));
  if (session === undefined || owner === undefined) return undefined;
  const { events } = session.window;
  const length = Math.min(events.length, Math.floor(between(pieces, random)));
  const from = Math.floor(random() * (events.length - length + 1));
  // What the session says of its own account is said of this one's.
  const account = owner.recipientAccountId ?? owner.userIdentity.accountId;
  const own = (value) => (typeof value === 'string' ? value.replace(/\b\d{12}\b/g, account) : value);
  const piece = JSON.parse(
    JSON.stringify(events.slice(from, from + length)),
    account === undefined ? undefined : (_, value) => own(value),
  );
  const shift = Date.parse(window.end) - Math.floor(random() * 1_800_000) - Date.parse(piece.at(-1).eventTime);
  const { userIdentity, sourceIPAddress, recipientAccountId } = owner;
  const added = piece.map((event, index) => ({
    ...event,
    eventID: `mixed-${index}`,
    eventTime: new Date(Date.parse(event.eventTime) + shift).toISOString(),
    userIdentity,
    sourceIPAddress,
    recipientAccountId,
  }));
  return { ...window, events: [...window.events, ...added].sort((a, b) => a.eventTime.localeCompare(b.eventTime)) };
}

function namesIn({ indicators }) {
  return indicators.map(({ value }) => value);
}

/** A stretch of the window; of an attack one that holds what makes it one. */
function cut({ window, telling, label }, random) {
  const { events } = window;
  const acts = new Set(label === 'attack' ? telling : []);
  const length = Math.max(1, Math.floor(events.length * between(stretch, random)));
  if (length === events.length) return undefined;
  const held = events.flatMap((event, index) => (acts.has(event) ? [index] : []));
  const first = held[0] ?? Math.floor(random() * (events.length - length + 1));
  const last = held.at(-1) ?? first + length - 1;
  const from = Math.max(0, Math.min(first, Math.max(last - length + 1, first - Math.floor(random() * length))));
  const to = Math.max(last + 1, from + length);
  const kept = events.slice(from, to);
  return kept.length === events.length ? undefined : { ...window, events: kept };
}
