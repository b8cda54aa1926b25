import { z } from 'zod';
import type { CaseMark } from '../cases';
import { InvalidInputError } from '../errors';
import { defineOperation } from '../operation';
import { entityTypes } from './alert';
import { entryOf } from './case-entry';
import { entityMarks, folded, ruleMark, techniqueMarks } from './case-marks';
import { caseEntrySchema } from './case-parts';
import { caseIdInput, caseNamed, casesOf } from './case-summary';

/** Newer cases are compared before older ones; more would take longer than an answer is worth. */
const mostCompared = 2000;

/** What having one mark in common is worth before its rarity: an entity tells most, a technique least. */
const worth: Record<CaseMark['kind'], number> = { entity: 1.5, rule: 1, technique: 0.75 };

const markSchema = z.object({
  kind: z.enum(['entity', 'technique', 'rule']),
  value: z.string(),
  cases: z.number().int().describe('So many cases have it'),
  share: z.number().describe('What it adds to the score'),
});

function words({ kind, type, value }: CaseMark): string {
  return kind === 'entity' ? `${type}:${value}` : value;
}

export const findSimilarCases = defineOperation({
  name: 'find_similar_cases',
  toolset: 'investigation',
  resource: 'Case',
  title: 'Find Similar',
  action: 'Find similar cases',
  description:
    'Finds stored cases, closed ones too, that have entities, ATT&CK techniques or the rule in common with a case or with what is given. The score is 0 to 1: the share of the marks in common, each weighted by its kind (entity 1.5, rule 1, technique 0.75) and by how rare it is among all cases; every answer lists what it rests on. The newest 2000 cases with anything in common are compared. Similar is not the same: another outcome then proves nothing now.',
  effect: 'read',
  idempotent: true,
  services: [],
  permissions: [],
  runs: 'bridge',
  input: z.object({
    case_id: caseIdInput.optional().describe('Case to compare with; default: what is given here'),
    entities: z
      .array(z.object({ type: z.enum(entityTypes), value: z.string().min(1).max(512) }))
      .max(100)
      .default([])
      .describe('Entities to look for, besides those of the case; at most 100'),
    techniques: z.array(z.string().min(1).max(20)).max(50).default([]).describe('ATT&CK ids, e.g. T1098.001'),
    limit: z.number().int().min(1).max(50).default(10).describe('At most so many, 1 to 50. Default: 10'),
  }),
  output: z.object({
    compared_by: z.array(markSchema.omit({ share: true })).describe('What was looked for'),
    similar: z.array(
      caseEntrySchema.extend({
        score: z.number().min(0).max(1),
        in_common: z.array(markSchema).describe('What the score rests on, most telling first'),
      }),
    ),
    compared: z.number().int().describe('Cases that have anything in common'),
    complete: z.boolean().describe('False when there are more similar ones, or more than 2000 had anything in common'),
  }),
  example: { case_id: '$case_id', limit: 5 },
  varies: ['compared_by.*.cases', 'similar', 'compared', 'complete'],
  list: 'similar',
  async run(ports, { case_id, entities, techniques, limit }) {
    const cases = casesOf(ports);
    const record = case_id === undefined ? undefined : await caseNamed(cases, case_id);
    const rule = record === undefined ? undefined : ruleMark(record.alert);
    const all: CaseMark[] = [
      ...(record === undefined ? [] : entityMarks(record.alert)),
      ...(record?.related_alerts ?? []).flatMap(({ alert }) => entityMarks(alert)),
      ...entityMarks({ entities }),
      ...(record === undefined ? [] : techniqueMarks(record.evidence)),
      ...techniques.map((technique): CaseMark => ({ kind: 'technique', type: '', value: folded(technique) })),
      ...(rule === undefined ? [] : [rule]),
    ];
    const marks = [...new Map(all.map((mark) => [JSON.stringify(mark), mark])).values()].slice(0, 250);
    if (marks.length === 0) {
      throw new InvalidInputError('entities', 'are needed when no case_id is given, or the case names none');
    }
    const found = await cases.sharing(marks, case_id ?? null, mostCompared + 1);
    const weights = new Map(
      marks.map((mark, index) => {
        const rarity = Math.log(1 + (found.total + 1) / ((found.counts[index] ?? 0) + 1));
        return [JSON.stringify(mark), { weight: worth[mark.kind] * rarity, count: found.counts[index] ?? 0 }];
      }),
    );
    const whole = [...weights.values()].reduce((sum, { weight }) => sum + weight, 0);
    const scored = found.cases.slice(0, mostCompared).map(({ entry, marks: common }) => {
      const in_common = common
        .map((mark) => {
          const { weight, count } = weights.get(JSON.stringify(sorted(mark))) ?? { weight: 0, count: 0 };
          return { kind: mark.kind, value: words(mark), cases: count, share: rounded(weight / whole) };
        })
        .sort((a, b) => b.share - a.share || (a.value < b.value ? -1 : 1));
      const score = rounded(
        Math.min(
          1,
          in_common.reduce((sum, { share }) => sum + share, 0),
        ),
      );
      return { ...entryOf(entry), score, in_common: in_common.slice(0, 20) };
    });
    scored.sort((a, b) => b.score - a.score || (a.opened_at < b.opened_at ? 1 : -1));
    return {
      compared_by: marks.map((mark, index) => ({
        kind: mark.kind,
        value: words(mark),
        cases: found.counts[index] ?? 0,
      })),
      similar: scored.slice(0, limit),
      compared: scored.length,
      complete: scored.length <= limit && found.cases.length <= mostCompared,
    };
  },
});

/** With its members in the order in which marks are made here. */
function sorted({ kind, type, value }: CaseMark): CaseMark {
  return { kind, type, value };
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
