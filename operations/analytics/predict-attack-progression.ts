import { z } from 'zod';
import type { CaseRecord } from '../cases';
import { InvalidInputError } from '../errors';
import { caseIdInput, caseNamed, casesOf } from '../investigation/case-summary';
import { defineOperation } from '../operation';
import { saysCloud } from './attack/cloud-techniques';
import { attackVersion } from './attack/technique';
import { progressionModel } from './progression/model';
import { type Given, isConfirmed, observe } from './progression/observed';
import {
  nextCalls,
  nextTechniques,
  predictedCallSchema,
  predictedTechniqueSchema,
  tacticPrior,
  tacticPriorSchema,
  topFiveSchema,
} from './progression/predictions';
import { similarIncidentSchema, similarIncidents } from './progression/similar-incidents';
import { stageOf, stageSchema } from './progression/stage';
import { timeEstimate, timeEstimateSchema } from './progression/time-ranges';
import { notKnown } from './progression/what-is-not-known';

const evidenceInput = z.object({
  id: z.string().max(64),
  family: z.enum(['hostile', 'exculpatory', 'coverage']),
  weight: z.number(),
  techniques: z.array(z.string().max(200)).max(50),
});

const input = z.object({
  techniques: z
    .array(z.string().max(200))
    .max(200)
    .default([])
    .describe('ATT&CK technique ids that an analyst confirmed, e.g. T1098.001; at most 200'),
  api_calls: z
    .array(z.string().max(200))
    .max(500)
    .default([])
    .describe(
      'AWS API calls of the suspected attack, e.g. iam:CreateAccessKey; at most 500. Calls that only look around never make a stage',
    ),
  evidence: z
    .array(z.record(z.unknown()))
    .max(200)
    .default([])
    .describe('Evidence as correlate_evidence returns it; only hostile items count'),
  case_id: caseIdInput.optional().describe('Case whose evidence and time line to use; needs the bridge'),
  scope: z
    .enum(['auto', 'cloud', 'enterprise'])
    .default('auto')
    .describe(
      'cloud: only techniques that a log of a cloud or identity provider can show; auto: cloud when the evidence is of one',
    ),
  limit: z.number().int().min(1).max(50).default(10).describe('Predictions of each kind; default 10'),
});

const output = z.object({
  case_id: z.string().nullable(),
  observed: z.object({
    stage: stageSchema,
    techniques: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        standing: z
          .enum(['confirmed', 'candidate'])
          .describe('candidate: only looking around or everyday calls point to it'),
        tactics: z.array(z.string()),
        from: z.array(z.string()).describe('What shows it: given, an API call, an evidence id'),
      }),
    ),
    api_calls: z.array(z.object({ call: z.string(), kind: z.enum(['change', 'read_only', 'everyday']) })),
    unused: z
      .array(z.object({ value: z.string(), reason: z.string() }))
      .describe('What was given and could not be used'),
    notes: z.array(z.string()),
  }),
  predicted: z.object({
    basis: z.string().describe('What the predictions rest on, and on what condition'),
    scope: z.enum(['cloud', 'enterprise']),
    techniques: z.array(predictedTechniqueSchema),
    techniques_top_five: topFiveSchema,
    api_calls: z.array(predictedCallSchema),
    api_calls_top_five: topFiveSchema,
    later_tactics: z.array(tacticPriorSchema).describe('Of the stage alone, most frequent first'),
    time: timeEstimateSchema,
  }),
  similar_incidents: z.array(similarIncidentSchema),
  not_known: z.array(z.string()),
  model: z.object({ attack_version: z.string(), trained_on: z.array(z.string()), licences: z.array(z.string()) }),
});

interface Source extends Given {
  caseId: string | null;
  notes: string[];
}

/** Hostile evidence of a case, and the calls of its time line that evidence rests on. */
function ofCase(record: CaseRecord): Source {
  const { outcome, findings } = record;
  const calls = (findings?.timeline ?? [])
    .filter(({ evidence_ids, result }) => evidence_ids.length > 0 && result === 'succeeded')
    .map(({ action }) => action)
    .filter((action) => /^[a-z0-9-]+:[A-Za-z0-9]+$/.test(action));
  const closed = outcome === 'benign_positive' || outcome === 'false_positive';
  const notes = [
    ...(closed ? [`The case was judged ${outcome}: what follows holds only if that is wrong`] : []),
    ...(findings === null ? ['The case has no correlated evidence yet'] : []),
  ];
  return { caseId: record.id, techniques: [], calls: [...new Set(calls)], evidence: record.evidence, notes };
}

function readEvidence(items: readonly Record<string, unknown>[]): Given['evidence'] {
  return items.map((item, index) => {
    const read = evidenceInput.safeParse(item);
    if (read.success) return read.data;
    const field = read.error.issues[0]?.path.join('.') || 'it';
    throw new InvalidInputError(`evidence.${index}.${field}`, 'is not as correlate_evidence returns it');
  });
}

export const predictAttackProgression = defineOperation({
  name: 'predict_attack_progression',
  toolset: 'analytics',
  resource: 'Attack',
  title: 'Predict Progression',
  action: 'Predict the progression of an attack',
  description:
    'Says which stage confirmed evidence reaches, and what reports and incidents with the same techniques and AWS calls also hold: next techniques, next API calls, later tactics, similar incidents by name, countermeasures. Observed and predicted are apart. Confidence is the share of comparable predictions that came true in held-out reports; time only as published ranges, else "insufficient data". Takes technique ids, API calls, evidence or a case. Read-only discovery gives candidates, never a stage. Changes nothing.',
  effect: 'read',
  idempotent: true,
  services: [],
  permissions: [],
  runs: 'anywhere',
  runsFor: ({ case_id }) => (case_id === undefined ? 'anywhere' : 'bridge'),
  input,
  output,
  example: {
    techniques: ['T1078.004'],
    api_calls: [
      'sts:GetCallerIdentity',
      'iam:ListUsers',
      'iam:CreateUser',
      'iam:CreateAccessKey',
      'iam:AttachUserPolicy',
    ],
  },
  async run(ports, { techniques, api_calls, evidence, case_id, scope, limit }) {
    const source =
      case_id === undefined
        ? { caseId: null, techniques: [], calls: [], evidence: [], notes: [] }
        : ofCase(await caseNamed(casesOf(ports), case_id));
    const observed = observe({
      techniques: [...source.techniques, ...techniques],
      calls: [...source.calls, ...api_calls],
      evidence: [...source.evidence, ...readEvidence(evidence)],
    });
    const { name, ...stage } = stageOf(observed);
    const ids = observed.techniques.map(({ technique }) => technique.id);
    const calls = observed.calls.map(({ id }) => id);
    const cloud = scope === 'cloud' || (scope === 'auto' && (calls.length > 0 || ids.some(saysCloud)));
    const known = progressionModel.calls;
    const similar = similarIncidents(calls, progressionModel.incidents, known.ids, known.counts, 5);
    const techniquesNext = nextTechniques(ids, cloud, limit);
    const callsNext = nextCalls(calls, limit);
    const confirmed = observed.techniques.filter(isConfirmed).length;
    return {
      case_id: source.caseId,
      observed: {
        stage,
        techniques: observed.techniques.map((one) => ({
          id: one.technique.id,
          name: one.technique.name,
          standing: isConfirmed(one) ? ('confirmed' as const) : ('candidate' as const),
          tactics: [...new Set(one.signs.flatMap((sign) => sign.tactics))],
          from: one.signs.map(({ from }) => from).slice(0, 20),
        })),
        api_calls: observed.calls.map(({ id, kind }) => ({ call: id, kind })),
        unused: observed.unused.slice(0, 100),
        notes: [...source.notes, ...observed.notes].slice(0, 100),
      },
      predicted: {
        basis: basisOf(ids.length, confirmed, calls.length),
        scope: cloud ? ('cloud' as const) : ('enterprise' as const),
        techniques: techniquesNext.list,
        techniques_top_five: techniquesNext.top_five,
        api_calls: callsNext.list,
        api_calls_top_five: callsNext.top_five,
        later_tactics: tacticPrior(name),
        time: timeEstimate(name, cloud),
      },
      similar_incidents: similar,
      not_known: notKnown(observed, { similar: similar.length, cloud }),
      model: {
        attack_version: attackVersion,
        trained_on: [progressionModel.provenance.reports, progressionModel.provenance.incidents],
        licences: progressionModel.provenance.licences,
      },
    };
  },
});

function basisOf(techniques: number, confirmed: number, calls: number): string {
  if (techniques === 0 && calls === 0) return 'Nothing is predicted, because there is no usable evidence.';
  const condition = 'On the condition that what was observed is an attack, which this operation does not judge';
  const on = `${confirmed} confirmed and ${techniques - confirmed} candidate techniques and ${calls} API calls`;
  return `${condition}: rests on ${on}. A prediction says what else the same reports and incidents hold, not in which order.`;
}
