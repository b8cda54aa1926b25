import { z } from 'zod';
import { ConflictError } from '../errors';
import { caseIdInput, caseNamed, casesOf } from '../investigation/case-summary';
import { defineOperation } from '../operation';
import { containmentTargets } from './containment-targets';
import { responseActionNames, responseSystems } from './response-port';

const evidenceIds = z.array(z.string()).describe('Hostile evidence that rests on what they did, strongest first');

export const proposeContainment = defineOperation({
  name: 'propose_containment',
  toolset: 'response',
  resource: 'Response',
  title: 'Propose Containment',
  action: 'Propose whom to contain in a case',
  description:
    'Says whom to contain in a case and how: those who made the calls that its hostile evidence (moderate or strong) rests on, and the access keys they made for others, with the action and system to give to plan_response. Who was only named by an alert or by somebody else’s call is not proposed. Those for whom there is no action (root, people of an identity centre) are under by_hand. From code and the stored evidence, no model; changes nothing. Only for a true positive.',
  effect: 'read',
  idempotent: true,
  services: [],
  permissions: [],
  runs: 'bridge',
  input: z.object({ case_id: caseIdInput }),
  output: z.object({
    case_id: z.string(),
    targets: z.array(
      z.object({
        case_id: z.string(),
        action: z.enum(responseActionNames),
        system: z.enum(responseSystems),
        target: z.string(),
        evidence_ids: evidenceIds,
      }),
    ),
    by_hand: z
      .array(z.object({ who: z.string(), evidence_ids: evidenceIds }))
      .describe('Who acted too, and has to be dealt with by people'),
  }),
  list: 'targets',
  example: { case_id: '$open_case_id' },
  echoOnError: ['case_id'],
  async run(ports, { case_id }) {
    const record = await caseNamed(casesOf(ports), case_id);
    if (record.outcome !== 'true_positive') {
      throw new ConflictError(
        `Case ${case_id} is ${record.outcome?.replace('_', ' ') ?? 'not decided'}: nobody is contained on that. A person decides.`,
        { outcome: record.outcome },
      );
    }
    const { targets, by_hand } = containmentTargets(record);
    return { case_id, targets: targets.map((target) => ({ case_id, ...target })), by_hand };
  },
});
