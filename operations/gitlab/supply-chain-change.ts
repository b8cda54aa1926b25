import { z } from 'zod';
import { errorCodes } from '../errors';
import { findingCodes } from './merge-request-findings';
import { severities } from './supply-chain/finding';
import { dependencyChangeSchema, ecosystemCountSchema, findingSchema, levelSchema } from './supply-chain-report';

/** An answer of so many findings is for programs; a model gets the first few and how many there are. */
const shownFinding = findingSchema.omit({ advice: true });

export const changeSchema = z.object({
  id: z.string().describe('group/project!12 for a merge request, group/project@1a2b3c4d5e6f for a push'),
  kind: z.enum(['merge_request', 'direct_push']),
  status: z
    .enum(['assessed', 'partly_read', 'failed'])
    .describe(
      'partly_read: the score is of what could be read, and `unread`, `unsearched` or `notes` name the rest; failed: nothing is known, see `error`',
    ),
  level: levelSchema.nullable().describe('null when nothing is known'),
  score: z.number().nullable().describe('0 to 10, of all findings together; 5 and more: look now'),
  because: z.array(z.string()).describe('What the score is made of, heaviest first'),
  project: z.string(),
  iid: z.number().int().nullable(),
  title: z.string().describe('Of the merge request, or of the last commit pushed'),
  author: z.string().nullable().describe('User name; of a push, whoever was signed in'),
  merged_by: z.string().nullable(),
  merged_at: z.string().nullable().describe('Of a push, when it came'),
  state: z.string().nullable().describe('Of a merge request'),
  target_branch: z.string().nullable(),
  base_sha: z.string().nullable().describe('Compared with; null when not known'),
  head_sha: z.string().nullable(),
  web_url: z.string().nullable(),
  findings: z.array(shownFinding).describe('Worst first, at most max_details'),
  findings_left_out: z.number().int(),
  signals: z
    .array(z.object({ signal: z.string(), severity: z.enum(severities), count: z.number().int() }))
    .describe('All findings counted by signal, with the worst severity of each'),
  techniques: z.array(z.string()).describe('MITRE ATT&CK techniques that findings of some weight point to'),
  recommendations: z.array(z.string()).describe('What to do about it, most pressing first, at most 5'),
  people: z
    .object({
      first_contribution: z.boolean().nullable(),
      from_fork: z.boolean().nullable(),
      approvals_by_others: z.number().int().nullable(),
      self_merged: z.boolean().nullable(),
      outside_hours: z.boolean().nullable().describe('At a weekend or outside the hours given'),
      bot: z.boolean().describe('By its name an account that updates dependencies; anybody can choose a name'),
    })
    .nullable()
    .describe('null inside: not known, and nothing is concluded from it'),
  review: z
    .array(
      z.object({
        code: z.enum(findingCodes),
        severity: z.enum(['info', 'low', 'medium', 'high']),
        statement: z.string(),
      }),
    )
    .describe('How a merge request was reviewed and merged, as get_merge_request_details finds it'),
  related_merge_requests: z
    .array(z.number().int())
    .nullable()
    .describe('Of a push: merge requests that some of its commits are in; null when not known'),
  dependency_changes: z.array(dependencyChangeSchema).describe('Direct ones first, at most max_details'),
  dependency_changes_left_out: z.number().int(),
  dependency_counts: z.array(ecosystemCountSchema),
  files: z.array(z.string()).describe('Watched files it touches, at most 10'),
  files_left_out: z.number().int(),
  unread: z
    .array(z.object({ path: z.string(), reason: z.string(), extent: z.enum(['whole', 'part']) }))
    .describe('Watched files that could not be read, whole or in part, at most 10; that is not "no change"'),
  unread_left_out: z.number().int(),
  unsearched: z.number().int().describe('Other files whose text GitLab withheld and that could not be searched'),
  error: z.object({ code: z.enum(errorCodes), message: z.string() }).nullable(),
  notes: z.array(z.string()),
});
export type ChangeEntry = z.infer<typeof changeSchema>;
