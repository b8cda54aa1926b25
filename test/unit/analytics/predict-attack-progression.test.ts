import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { callById } from '../../../operations/analytics/attack/cloudtrail-calls';
import { knownTechniques } from '../../../operations/analytics/attack/technique';
import { predictAttackProgression } from '../../../operations/analytics/predict-attack-progression';
import { progressionModel } from '../../../operations/analytics/progression/model';
import type { CaseRecord } from '../../../operations/cases';
import { runOperation } from '../../../operations/operation';
import type { Ports } from '../../../operations/ports';

const ports = { signal: new AbortController().signal } as Ports;
const predict = (input: unknown, host: Ports = ports) => runOperation(predictAttackProgression, host, input);

describe('the stage', () => {
  it('is the latest tactic that a changing call reaches', async () => {
    const { observed } = await predict({ api_calls: ['iam:ListUsers', 'iam:CreateUser', 'cloudtrail:StopLogging'] });
    expect(observed.stage.tactic).toBe('Defense Evasion');
    expect(observed.stage.reached.map(({ tactic }) => tactic)).toEqual(['Persistence', 'Defense Evasion']);
    expect(observed.stage.statement).toContain('cloudtrail:StopLogging');
  });

  it.each([
    [['ListBuckets', 'DescribeInstances', 'GetCallerIdentity', 'iam:ListUsers'], '4 read-only calls'],
    [['sts:AssumeRole'], '1 everyday call was'],
  ])('is none where only looking around was seen: %j', async (api_calls, words) => {
    const { observed, not_known } = await predict({ api_calls });
    expect(observed.stage).toMatchObject({ tactic: null, tactic_id: null, reached: [] });
    expect(observed.stage.statement).toContain(words);
    expect(observed.techniques.every(({ standing }) => standing === 'candidate')).toBe(true);
    expect(not_known.join(' ')).toContain('Any stage');
  });

  it('never takes the later of several tactics that a technique may have served', async () => {
    const { observed } = await predict({ techniques: ['T1078.004'] });
    expect(observed.stage.tactic).toBe('Initial Access');
    expect(observed.stage.statement).toMatch(/^At least Initial Access/);
    expect(observed.stage.reached[0]?.certain).toBe(false);
  });

  it('is none without evidence, and says so', async () => {
    const result = await predict({});
    expect(result.observed.stage.statement).toBe('No stage: there is no usable evidence.');
    expect(result.predicted).toMatchObject({
      techniques: [],
      api_calls: [],
      later_tactics: [],
      techniques_top_five: null,
    });
    expect(result.predicted.time.status).toBe('insufficient_data');
    expect(result.not_known).toHaveLength(1);
  });
});

describe('hostile and unknown values', () => {
  it('are named with a reason, and conclude nothing', async () => {
    const { observed, predicted } = await predict({
      techniques: ['T9999', 'T1098; DROP TABLE', '__proto__', 'T1471', '\u202eT1098', ''],
      api_calls: ['FooBar', 'constructor', '__proto__', 'iam:', "x'); --", 'iam:CreateUser\u0000'],
    });
    expect(observed.techniques).toEqual([]);
    expect(observed.api_calls).toEqual([]);
    expect(observed.unused.length).toBeGreaterThanOrEqual(11);
    expect(JSON.stringify(observed.unused)).not.toMatch(/\u202e|\\u0000/);
    expect(predicted.techniques).toEqual([]);
  });

  it('takes any text at all without failing, and never makes a stage of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ maxLength: 60 }), { maxLength: 20 }), async (texts) => {
        const unknown = texts.filter(
          (text) => !/T\d{4}/i.test(text) && callById(text) === undefined && text.length > 30,
        );
        const { observed } = await predict({ techniques: unknown, api_calls: unknown });
        expect(observed.stage.tactic).toBeNull();
      }),
      { numRuns: 60 },
    );
  });

  it('reads retired ids, tags of rules and other spellings', async () => {
    const { observed } = await predict({
      techniques: ['T1089', 'TA0005:T1562.008', 't1098/001', 'T1136 - Create Account'],
    });
    expect(observed.techniques.map(({ id }) => id)).toEqual(['T1562.001', 'T1562.008', 'T1098.001', 'T1136']);
    expect(observed.notes).toEqual(['T1089 is retired; read as T1562.001 Impair Defenses: Disable or Modify Tools']);
  });
});

describe('predictions', () => {
  it('hold nothing that was observed, rest on it, and fall in confidence', async () => {
    const api_calls = ['iam:CreateUser', 'iam:CreateAccessKey', 'iam:AttachUserPolicy', 'sts:GetCallerIdentity'];
    const { observed, predicted } = await predict({ api_calls, limit: 50 });
    const given = new Set([...observed.techniques.map(({ id }) => id), ...api_calls]);
    for (const { id, because } of predicted.techniques) {
      expect(given.has(id)).toBe(false);
      expect(because.every((reason) => given.has(reason.id))).toBe(true);
    }
    for (const { call, because } of predicted.api_calls) {
      expect(given.has(call)).toBe(false);
      expect(because.length).toBeGreaterThan(0);
      expect(because.every((reason) => given.has(reason.id))).toBe(true);
    }
    const rates = predicted.api_calls.map(({ confidence }) => confidence.rate);
    expect(rates).toEqual([...rates].sort((a, b) => b - a));
    expect(predicted.api_calls[0]?.call).toBe('iam:CreateLoginProfile');
    expect(predicted.scope).toBe('cloud');
  });

  it('come with countermeasures and named incidents', async () => {
    const { predicted, similar_incidents } = await predict(predictAttackProgression.example);
    expect(predicted.techniques.every(({ countermeasures }) => countermeasures.playbook.length > 0)).toBe(true);
    expect(predicted.techniques.some(({ countermeasures }) => countermeasures.mitigations.length > 0)).toBe(true);
    expect(similar_incidents[0]).toMatchObject({
      name: 'Incident report: From CLI to console, chasing an attacker in AWS',
    });
    expect(similar_incidents[0]?.shared_calls.length).toBeGreaterThanOrEqual(3);
  });

  it('of a host attack are not cut to clouds, and of a cloud can be', async () => {
    const techniques = ['T1059.001', 'T1055', 'T1027', 'T1105', 'T1547.001'];
    const host = await predict({ techniques });
    expect(host.predicted.scope).toBe('enterprise');
    expect(host.predicted.techniques_top_five?.rate).toBeGreaterThan(0.5);
    const cloud = await predict({ techniques, scope: 'cloud' });
    expect(cloud.predicted.techniques.map(({ id }) => id)).not.toContain('T1082');
    expect(cloud.predicted.techniques_top_five?.rate ?? 0).toBeLessThan(host.predicted.techniques_top_five?.rate ?? 0);
  });

  it('never promise more for the first five than each of them allows', async () => {
    await fc.assert(
      fc.asyncProperty(fc.subarray([...knownTechniques.keys()], { minLength: 1, maxLength: 6 }), async (techniques) => {
        const { predicted } = await predict({ techniques, limit: 5 });
        const together = predicted.techniques.reduce((sum, { confidence }) => sum + confidence.rate, 0);
        expect(predicted.techniques_top_five?.rate ?? 0).toBeLessThanOrEqual(together + 1e-4);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a case', () => {
  const record = {
    id: 'INV-1',
    outcome: 'benign_positive',
    evidence: [
      { id: 'E1', family: 'hostile', weight: 2, techniques: ['T1562.008'] },
      { id: 'E2', family: 'exculpatory', weight: -2, techniques: ['T1485'] },
      { id: 'E3', family: 'hostile', weight: 0, techniques: ['T1486'] },
    ],
    findings: {
      timeline: [
        { action: 'cloudtrail:StopLogging', result: 'succeeded', evidence_ids: ['E1'] },
        { action: 'iam:CreateUser', result: 'failed', evidence_ids: ['E1'] },
        { action: 's3:DeleteBucket', result: 'succeeded', evidence_ids: [] },
        { action: 'merged a change', result: 'succeeded', evidence_ids: ['E1'] },
      ],
    },
  } as unknown as CaseRecord;
  const host = {
    ...ports,
    cases: { get: async (id: string) => (id === 'INV-1' ? record : undefined) },
  } as unknown as Ports;

  it('gives its hostile evidence and the calls it rests on, and says when it was judged harmless', async () => {
    const { case_id, observed } = await predict({ case_id: 'INV-1' }, host);
    expect(case_id).toBe('INV-1');
    expect(observed.api_calls.map(({ call }) => call)).toEqual(['cloudtrail:StopLogging']);
    expect(observed.techniques.map(({ id }) => id).sort()).toEqual(['T1562.001', 'T1562.008']);
    expect(observed.notes[0]).toContain('benign_positive');
  });

  it('that does not exist, or without a case store, is an error', async () => {
    await expect(predict({ case_id: 'INV-2' }, host)).rejects.toThrow(/INV-2/);
    await expect(predict({ case_id: 'INV-1' })).rejects.toThrow(/bridge/i);
  });

  it('is refused when evidence is not in the form of evidence', async () => {
    await expect(predict({ evidence: [{ id: 'E1' }] })).rejects.toThrow(/evidence\.0/);
  });
});

describe('the model as it ships', () => {
  const file = resolve(__dirname, '../../../operations/analytics/progression/progression-model.json');

  it('is small, and names what it comes from and under which licence', () => {
    expect(existsSync(file)).toBe(true);
    expect(readFileSync(file).length).toBeLessThanOrEqual(150_000);
    expect(progressionModel.provenance.licences.join(' ')).toMatch(/Apache-2\.0.*CC BY 4\.0.*MITRE/);
  });

  it('knows every technique and call that it speaks of', () => {
    expect(progressionModel.techniques.ids.filter((id) => !knownTechniques.has(id))).toEqual([]);
    expect(progressionModel.calls.ids.filter((id) => callById(id) === undefined)).toEqual([]);
  });

  it('is never less sure of a higher score', () => {
    for (const { by_score, top_five } of Object.values(progressionModel.reliability)) {
      for (const bins of [by_score, top_five]) {
        expect(bins.map(({ rate }) => rate)).toEqual(bins.map(({ rate }) => rate).sort((a, b) => a - b));
        expect(bins.every(({ n }) => n > 0)).toBe(true);
      }
    }
  });
});
