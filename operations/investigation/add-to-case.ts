import { z } from 'zod';
import type { CaseRecord } from '../cases';
import { InvalidInputError } from '../errors';
import { defineOperation } from '../operation';
import { cleanLine, cleanText } from '../text';
import { severities, severitySchema } from './alert';
import { additionSchema } from './case-parts';
import { caseIdInput, caseNamed, caseSummarySchema, casesOf, summaryOf } from './case-summary';

const output = caseSummarySchema.extend({
  version: z.number().int().describe('Version of the case after it'),
  additions: z.array(additionSchema).describe('All that was added to the case, oldest first'),
});

function shown(record: CaseRecord): z.output<typeof output> {
  return { ...summaryOf(record), version: record.version, additions: record.additions };
}

/** What is left when everything invisible is gone; blank is refused. */
function said(field: string, text: string, most: number): string {
  const cleaned = cleanText(text, most).trim();
  if (cleaned === '') throw new InvalidInputError(field, 'is blank');
  return cleaned;
}

const byWhom =
  'Its author is whom the bridge authenticated, never what a caller says of itself. The same again by the same author is one.';

export const addCaseNote = defineOperation({
  name: 'add_case_note',
  toolset: 'investigation',
  resource: 'Case',
  title: 'Add Note',
  action: 'Add a note to a case',
  description: `Adds a note to a case, open or closed: for people, shown in the case, its report and its exports. It changes neither verdict nor severity nor status. ${byWhom}`,
  effect: 'write',
  idempotent: true,
  services: [],
  permissions: [],
  runs: 'bridge',
  input: z.object({
    case_id: caseIdInput,
    note: z.string().min(1).max(4000).describe('What is to be kept, up to 4000 characters'),
  }),
  output,
  example: { case_id: '$case_id', note: 'Simulated: asked the owner of the key by telephone.' },
  varies: ['version', 'additions'],
  run: async (ports, { case_id, note }) =>
    shown(
      await casesOf(ports).add(case_id, {
        kind: 'note',
        text: said('note', note, 4000),
        source: null,
        scrutiny: 'none',
        severity: null,
      }),
    ),
});

export const addEvidence = defineOperation({
  name: 'add_evidence',
  toolset: 'investigation',
  resource: 'Case',
  title: 'Add Evidence',
  action: 'Add a statement to a case',
  description: `Adds a statement with its source to a case, apart from the evidence that rules made: it has no weight and cannot make an attack more or less likely. All it can do is ask for more care: scrutiny raise turns a benign or false positive into needs_review and keeps rules from closing the case; severity raises the severity and never lowers it. A closed case that would be raised has to be reopened first. ${byWhom}`,
  effect: 'write',
  idempotent: true,
  services: [],
  permissions: [],
  runs: 'bridge',
  input: z.object({
    case_id: caseIdInput,
    statement: z.string().min(1).max(2000).describe('What was seen, in one or two sentences, up to 2000 characters'),
    source: z.string().min(1).max(300).describe('Where it can be checked: a query id, an address, a ticket, a person'),
    scrutiny: z
      .enum(['none', 'raise'])
      .default('none')
      .describe('raise: a person has to look before the case is closed. Default: none'),
    severity: severitySchema.optional().describe('The case is at least as severe; default: as it is'),
  }),
  output,
  example: {
    case_id: '$case_id',
    statement: 'Simulated: the owner of the key was on leave on that day.',
    source: 'simulated staff calendar',
  },
  varies: ['version', 'additions'],
  async run(ports, { case_id, statement, source, scrutiny, severity }) {
    const cases = casesOf(ports);
    if (severity !== undefined) {
      const record = await caseNamed(cases, case_id);
      if (severities.indexOf(severity) < severities.indexOf(record.severity)) {
        throw new InvalidInputError(
          'severity',
          `is below the case's ${record.severity}; a statement never lowers it. Leave it out.`,
        );
      }
    }
    const text = said('statement', statement, 2000);
    const from = cleanLine(source, 300);
    if (from === '') throw new InvalidInputError('source', 'is blank');
    return shown(
      await cases.add(case_id, { kind: 'evidence', text, source: from, scrutiny, severity: severity ?? null }),
    );
  },
});
