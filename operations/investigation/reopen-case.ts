import { z } from 'zod';
import { InvalidInputError } from '../errors';
import { defineOperation } from '../operation';
import { cleanLine } from '../text';
import { caseIdInput, caseSummarySchema, casesOf, summaryOf } from './case-summary';

export const reopenCase = defineOperation({
  name: 'reopen_case',
  toolset: 'investigation',
  resource: 'Case',
  title: 'Reopen',
  action: 'Reopen a closed case',
  description:
    'Gives a closed case back to people: it becomes needs_review with the reason and who asked, in the chain of events. Takes the version that get_case showed, so that nobody reopens what has changed since. Nothing is investigated again and nobody is called; use escalate_to_soc_team for that. Only a person closes it again.',
  effect: 'write',
  idempotent: false,
  services: [],
  permissions: [],
  runs: 'bridge',
  input: z.object({
    case_id: caseIdInput,
    version: z.number().int().min(1).describe('Version of the case as it was read'),
    reason: z.string().min(1).max(1000).describe('Why, up to 1000 characters'),
  }),
  output: caseSummarySchema.extend({ version: z.number().int() }),
  example: { case_id: '$closed_case_id', version: 4, reason: 'Simulated: the owner denies the change.' },
  varies: [
    'title',
    'case_id',
    'opened_at',
    'closed_at',
    'coverage.*.query_id',
    'coverage.*.ran_at',
    'escalation',
    'report_sha256',
  ],
  async run(ports, { case_id, version, reason }) {
    const told = cleanLine(reason, 1000);
    if (told === '') throw new InvalidInputError('reason', 'is blank');
    const record = await casesOf(ports).reopen(case_id, { version, reason: told });
    return { ...summaryOf(record), version: record.version };
  },
});
