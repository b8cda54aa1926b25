import { z } from 'zod';
import { InvalidInputError } from '../errors';
import { defineOperation } from '../operation';
import { cleanLine } from '../text';
import { projectPath } from './address';
import { auditEventSchema } from './audit-event-shape';
import { readAuditEvents } from './audit-events';
import { availabilityFields, available } from './availability';
import { GitLab } from './client';
import { lineOrNull } from './merge-request-shape';
import {
  approvalRulesSchema,
  approvalSettingsSchema,
  protectedBranchesSchema,
  pushRuleSchema,
  readApprovalRules,
  readApprovalSettings,
  readProtectedBranches,
  readPushRule,
} from './project-protection';
import { findInProtection, protectionFindingSchema } from './protection-findings';
import { chooseProject, projectInput } from './scope';
import { readWindow, toIso, windowInput } from './time-window';
import { readStanding } from './token-standing';
import { readWire, wireField } from './wire-types';

const totalMs = 120_000;
const longestWindowMs = 30 * 86_400_000;
const maxChanges = 100;
const ofProtection = new Set(['approval_settings', 'protected_branches', 'push_rules']);

const input = z.object({
  project: projectInput
    .optional()
    .describe('Project: path with namespace (group/sub/project) or numeric id. Default: the one set on the connection'),
  from: windowInput.from.describe(
    'Start of the window for `changes`, ISO 8601; UTC when it has no offset. At most 30 days before `to`. Default: 30 days before `to`',
  ),
  to: windowInput.to,
});

const output = z.object({
  project: z.string().describe('Path with namespace'),
  default_branch: z.string().nullable(),
  protected_branches: protectedBranchesSchema,
  push_rule: pushRuleSchema,
  approval_settings: approvalSettingsSchema,
  approval_rules: approvalRulesSchema,
  changes: z
    .object({
      ...availabilityFields,
      events: z.array(auditEventSchema).describe('Newest first, at most 100'),
      covers: z.enum(['everybody', 'own_actions', 'unknown']).nullable(),
      complete: z.boolean(),
    })
    .describe('Changes of all these in the window, from audit events'),
  findings: z
    .array(protectionFindingSchema)
    .describe(
      'What the settings of today allow; things to look at, not breaches. Nothing follows from what is not available',
    ),
  window: z.object({ from: z.string(), to: z.string() }),
  complete: z.boolean().describe('False when a part is not available or was not read whole'),
});

const wireProject = z.object({ id: wireField.id, path_with_namespace: wireField.text, default_branch: wireField.text });

export const getProjectProtection = defineOperation({
  name: 'get_project_protection',
  toolset: 'gitlab',
  resource: 'Project',
  title: 'Get Protection',
  action: 'Get the protection of a project',
  description:
    'Reads how a GitLab project guards its branches: protected branches with who may push and merge, push rules, approval settings and rules, findings such as "Developers may push to main" or "authors may approve", and who changed any of it in a window of at most 30 days (default: the last 30). Each part says for itself when the edition or the token does not give it.',
  effect: 'read',
  idempotent: true,
  services: ['gitlab'],
  permissions: ['read_api'],
  runs: 'anywhere',
  input,
  output,
  example: { project: 'simulated-corp/platform/infrastructure' },
  varies: ['window.from', 'window.to'],
  echoOnError: ['project'],
  async run(ports, given) {
    const gitlab = await GitLab.open(ports, totalMs);
    const chosen = chooseProject(gitlab.connection, given.project);
    const end = readWindow(ports.now(), undefined, given.to).to;
    const start = given.from?.trim() ? given.from : toIso(end - longestWindowMs);
    const window = readWindow(ports.now(), start, toIso(end));
    if (window.to - window.from > longestWindowMs) {
      throw new InvalidInputError('from', 'GitLab gives audit events of at most 30 days at a time');
    }
    const what = `project ${chosen}`;
    const found = readWire(wireProject, await gitlab.get(projectPath(chosen), {}, what), what);
    const path = projectPath(String(found.id));
    const standing = await readStanding(gitlab, path);
    const source = { gitlab, path, what, standing };
    const [branches, pushRule, settings, rules, changes] = await Promise.all([
      readProtectedBranches(source),
      readPushRule(source),
      readApprovalSettings(source),
      readApprovalRules(source),
      readAuditEvents(
        gitlab,
        { kind: 'project', id: String(found.id), path, what },
        { window, limit: maxChanges, keep: ({ category }) => category !== null && ofProtection.has(category) },
      ),
    ]);
    const protection = {
      project: cleanLine(found.path_with_namespace ?? chosen, 1000),
      default_branch: lineOrNull(found.default_branch),
      protected_branches: branches,
      push_rule: pushRule,
      approval_settings: settings,
      approval_rules: rules,
    };
    const changed =
      'availability' in changes
        ? { ...changes, events: [], covers: null, complete: false }
        : {
            ...available,
            events: changes.events,
            covers: changes.covers,
            complete: changes.complete && changes.covers !== 'own_actions',
          };
    const parts = [branches, pushRule, settings, rules, changed];
    return {
      ...protection,
      changes: changed,
      findings: findInProtection(protection),
      window: { from: toIso(window.from), to: toIso(window.to) },
      complete:
        parts.every(({ availability }) => availability === 'available') &&
        [branches, rules, changed].every(({ complete }) => complete),
    };
  },
});
