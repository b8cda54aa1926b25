import type { Ecosystem } from './dependency';

/** A well-known name that another could be taken for, and how. */
export interface Imitated {
  name: string;
  how: string;
}

/** Names shorter than this are one slip away from too many others. */
const shortest = 5;
/** Words that say nothing: `python-requests`, `lodash-js`, `boltdb-go`. */
const fillers = new Set(
  'js py python node lib cli dev official latest new npm pypi go golang rs rust rb ruby php net org core fork inc labs'.split(
    ' ',
  ),
);
/** Names are compared up to this length; longer ones are nobody's slip. */
const longest = 120;

interface Parts {
  /** Owner: a scope, an organisation on a forge, a vendor or a Maven group; empty where names have none. */
  owner: string;
  base: string;
}

/**
 * Finds the name that another name imitates, among many, in a time that does not depend on how many: each known name is filed
 * under all texts that are one letter shorter, because two names are one slip apart only if they share such a text.
 */
export class NameIndex {
  private readonly names = new Set<string>();
  private readonly bySlip = new Map<string, string[]>();
  private readonly byWords = new Map<string, string[]>();
  private readonly byBase = new Map<string, string[]>();
  private readonly owners = new Map<string, string>();
  private readonly ownersBySlip = new Map<string, string[]>();

  constructor(
    private readonly ecosystem: Ecosystem,
    names: Iterable<string>,
  ) {
    for (const name of names) this.add(name);
  }

  has(name: string): boolean {
    return this.names.has(this.canonical(name));
  }

  /** Names that a registry takes for one. Python's come in one form already. */
  private canonical(name: string): string {
    return this.ecosystem === 'cargo' ? name.replace(/_/g, '-') : name;
  }

  private add(given: string): void {
    const name = this.canonical(given);
    if (this.names.has(name) || name.length > longest) return;
    this.names.add(name);
    const { owner, base } = partsOf(this.ecosystem, name);
    if (owner === '') {
      if (base.length < shortest) return;
      for (const variant of slipsOf(base)) file(this.bySlip, variant, name);
      for (const words of wordForms(base)) file(this.byWords, words, name);
      return;
    }
    file(this.byBase, base, name);
    if (!this.owners.has(owner)) {
      this.owners.set(owner, name);
      if (lastOf(owner).length >= shortest)
        for (const variant of slipsOf(owner)) file(this.ownersBySlip, variant, owner);
    }
  }

  /** Undefined for a name that is known itself, and for one that looks like none. */
  imitatedBy(given: string): Imitated | undefined {
    const name = this.canonical(given);
    if (this.names.has(name) || name.length > longest) return undefined;
    const { owner, base } = partsOf(this.ecosystem, name);
    return owner === '' ? this.plainImitation(base) : this.ownedImitation(owner, base);
  }

  private plainImitation(base: string): Imitated | undefined {
    if (base.length < shortest - 1) return undefined;
    for (const variant of slipsOf(base)) {
      const target = this.bySlip.get(variant)?.find((known) => isOneSlip(base, known));
      if (target !== undefined) return { name: target, how: 'one letter away from' };
    }
    for (const words of wordForms(base)) {
      const target = this.byWords.get(words)?.find((known) => known !== base);
      if (target !== undefined) return { name: target, how: 'another way to write' };
    }
    for (const rest of withoutFiller(base)) {
      const target = this.byWords.get(joined(rest))?.find((known) => known.length >= shortest);
      if (target !== undefined) return { name: target, how: 'only a word that says nothing away from' };
    }
    return undefined;
  }

  /** Whoever owns a scope owns every name in it, so that owners are compared, and names only under owners that are alike. */
  private ownedImitation(owner: string, base: string): Imitated | undefined {
    if (this.owners.has(owner)) return undefined;
    for (const known of this.byBase.get(base) ?? []) {
      const how = ownerLikeness(owner, partsOf(this.ecosystem, known).owner);
      if (how !== undefined) return { name: known, how };
    }
    if (lastOf(owner).length < shortest) return undefined;
    for (const variant of slipsOf(owner)) {
      const target = this.ownersBySlip.get(variant)?.find((known) => isOneSlip(owner, known));
      if (target !== undefined)
        return { name: this.owners.get(target) ?? target, how: `under ${owner}, one letter away from the owner of` };
    }
    return undefined;
  }
}

function partsOf(ecosystem: Ecosystem, name: string): Parts {
  const split = ecosystem === 'maven' ? name.indexOf(':') : name.lastIndexOf('/');
  return split === -1 ? { owner: '', base: name } : { owner: name.slice(0, split), base: name.slice(split + 1) };
}

/** The part of an owner that was chosen: `gorilla` of `github.com/gorilla`. */
function lastOf(owner: string): string {
  return owner.slice(owner.lastIndexOf('/') + 1).replace(/^@/, '');
}

/** The same name under two owners: alike enough to be taken for each other? */
function ownerLikeness(owner: string, known: string): string | undefined {
  const [own, other] = [lastOf(owner), lastOf(known)];
  const samePlace = owner.slice(0, -own.length) === known.slice(0, -other.length);
  if (!samePlace) return undefined;
  if (own.length >= shortest && (isOneSlip(own, other) || isTwoSlips(own, other)))
    return `under ${owner}, which reads like the owner of`;
  const words = wordsOf(own);
  if (
    other.length >= 4 &&
    words.length > 1 &&
    words.filter((word) => !fillers.has(word)).join('') === wordsOf(other).join('')
  )
    return `under ${owner}, only a word that says nothing away from the owner of`;
  // `org.fasterxml...` for `com.fasterxml...`
  const [first, ...rest] = own.split('.');
  const [otherFirst, ...otherRest] = other.split('.');
  if (rest.length > 0 && first !== otherFirst && rest.join('.') === otherRest.join('.'))
    return `under ${owner}, which differs in its first part only from the group of`;
  return undefined;
}

function file(map: Map<string, string[]>, key: string, name: string): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [name]);
  else list.push(name);
}

/** The text itself, without each of its letters, and as it reads. */
function slipsOf(text: string): string[] {
  const variants = new Set([text, plain(text)]);
  for (let index = 0; index < text.length; index += 1) variants.add(text.slice(0, index) + text.slice(index + 1));
  return [...variants];
}

function wordsOf(text: string): string[] {
  return text.split(/[-_.]/).filter((word) => word !== '');
}

const joined = (words: readonly string[]) => `joined ${words.join('')}`;

/** Without hyphens, and with its words in the order of the alphabet. */
function wordForms(text: string): string[] {
  const words = wordsOf(text);
  return words.length > 1 ? [joined(words), `sorted ${[...words].sort().join(' ')}`] : [joined(words)];
}

function withoutFiller(text: string): string[][] {
  const words = wordsOf(text);
  if (words.length < 2) return [];
  return words.flatMap((word, index) => (fillers.has(word) ? [words.filter((_, other) => other !== index)] : []));
}

/** One letter more, less or other, or two neighbours swapped; letters that look alike count as one slip together. */
export function isOneSlip(a: string, b: string): boolean {
  if (a === b) return false;
  if (plain(a) === plain(b)) return true;
  if (Math.abs(a.length - b.length) > 1) return false;
  const [restA, restB, sameAtEnd] = difference(a, b);
  if (restA.length <= 1 && restB.length <= 1) {
    // `color` and `colors` are two packages of their own right; so are `sha1` and `sha2`.
    const isPlural = sameAtEnd === 0 && restA + restB === 's' && !/ss$/.test(a.length > b.length ? a : b);
    return !isPlural && !/^\d{0,2}$/.test(restA + restB);
  }
  return isSwap(restA, restB);
}

/** Two letters other, or one less here and one more there. For owners under which the very same name lies. */
function isTwoSlips(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false;
  const [restA, restB] = difference(a, b);
  return restA.length <= 2 && restB.length <= 2;
}

/** What is left of two texts without their common start and end, and how long that end is. */
function difference(a: string, b: string): [string, string, number] {
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  return [a.slice(start, a.length - end), b.slice(start, b.length - end), end];
}

function isSwap(a: string, b: string): boolean {
  return a.length === 2 && b.length === 2 && a[0] === b[1] && a[1] === b[0];
}

/** Letters of other alphabets that look like ours. */
const lookAlikes: Record<string, string> = Object.fromEntries(
  'аa еe оo рp сc уy хx іi јj ѕs ԁd ɡg ոn һh αa οo νv ρp τt υu ιi κk εe'
    .split(' ')
    .map((pair) => [...pair] as [string, string]),
);

/** As it reads at a glance. */
function plain(text: string): string {
  return text
    .replace(/[^\x00-\x7f]/g, (letter) => lookAlikes[letter] ?? letter)
    .replace(/rn/g, 'm')
    .replace(/[1l]/g, 'i')
    .replace(/0/g, 'o')
    .replace(/vv/g, 'w');
}
