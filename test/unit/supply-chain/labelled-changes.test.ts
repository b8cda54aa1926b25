import { signalKinds } from '../../../operations/gitlab/supply-chain/finding';
import { development } from '../../labelled/supply-chain/development';
import { assess, figuresOf, lookNow } from '../../labelled/supply-chain/evaluate';
import { heldOut } from '../../labelled/supply-chain/held-out';
import type { LabelledChange } from '../../labelled/supply-chain/labelled-change';

/** In these only a version moves, as in any update: what is in the package is not in the merge request. */
const invisible = [
  'colors-sabotage',
  'flatmap-like-transitive',
  'ctx-like-takeover',
  'event-stream-transitive',
  'protestware-patch',
  'ctx-takeover',
];
/** A downgrade that nobody approved is called for a look, whoever meant well. */
const called = ['revert-of-an-update'];
/** Hooks from a look-alike host are told as a repository that moved, not as a new one. */
const otherwise = ['pre-commit-look-alike'];

const all: LabelledChange[] = [...development, ...heldOut];
const byId = (changes: LabelledChange[]) => changes.map((change) => [change.id, change] as const);

describe('the labelled set of supply-chain changes', () => {
  it('is large enough, with names of its own, and both kinds in every part', () => {
    expect(all.length).toBeGreaterThanOrEqual(240);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const part of [development, heldOut]) {
      for (const label of ['attack', 'ordinary'])
        expect(part.filter((change) => change.label === label).length).toBeGreaterThan(50);
    }
  });

  it('names no host that could be somebody’s, but those of public registries and forges', () => {
    const known =
      /(?:^|\.)(?:example|github\.com|gitlab\.com|bitbucket\.org|npmjs\.org|yarnpkg\.com|pypi\.org|pythonhosted\.org|rubygems\.org|nuget\.org|gradle\.org|spring\.io|apache\.org)$/;
    const hosts = all
      .flatMap(({ files }) => files.flatMap(({ before = '', after = '' }) => [before, after]))
      .flatMap((text) =>
        [...text.matchAll(/\bhttps?\\?:\/\/(?:[^@/\s"']*@)?([a-z0-9.-]+)/g)].map((match) => match[1] ?? ''),
      )
      .filter((host) => host.includes('.') && !known.test(host) && !/^203\.0\.113\./.test(host));
    expect([...new Set(hosts)]).toEqual([]);
  });

  it.each(byId(all.filter(({ id }) => !otherwise.includes(id))))(
    '%s: fires what is true of it and nothing else',
    (_id, change) => {
      const { missing, wrong } = assess(change);
      expect({ missing, wrong }).toEqual({ missing: [], wrong: [] });
    },
  );

  it.each(byId(all.filter(({ id, label }) => label === 'attack' && !invisible.includes(id))))(
    '%s: is called for a look',
    (_id, change) => {
      expect(assess(change).assessment.score).toBeGreaterThanOrEqual(lookNow);
    },
  );

  it.each(byId(all.filter(({ id, label }) => label === 'ordinary' && !called.includes(id))))(
    '%s: is let pass',
    (_id, change) => {
      expect(assess(change).assessment.score).toBeLessThan(lookNow);
    },
  );

  it('knows what it does not see, so that a change of it is noticed', () => {
    const { missedAttacks, falselyAlarmed } = figuresOf(all.map(assess));
    expect(missedAttacks.sort()).toEqual([...invisible].sort());
    expect(falselyAlarmed).toEqual(called);
  });

  it('gives every finding its evidence and a sentence', () => {
    for (const change of all) {
      for (const { signal, key, statement, file } of assess(change).assessment.findings) {
        expect(statement).toMatch(/^\S.*\.$|^\S.*: .+$/s);
        expect(key).not.toBe('');
        expect(file === null).toBe(signalKinds[signal].family === 'people');
      }
    }
  });
});
