import { z } from 'zod';
import { casesOf } from '../investigation/case-summary';
import { defineOperation } from '../operation';
import { outcomeOf, readAgain } from './carry-out';
import { countsOf, requireStatus, responseNamed } from './execute-automated-response';
import { responseIdInput, responseOutput, toOutput } from './response-output';
import { responsesOf, systemsOf } from './systems';

export const verifyResponse = defineOperation({
  name: 'verify_response',
  toolset: 'response',
  resource: 'Response',
  title: 'Verify',
  action: 'Verify a response',
  description:
    'Reads the target of a carried-out response again and says for each step whether it still holds: somebody may have undone it since. Changes nothing at the target; the status in the case follows what was read.',
  effect: 'write',
  idempotent: true,
  services: ['gitlab', 'okta'],
  permissions: ['iam:GetUserPolicy', 'iam:GetRolePolicy', 'iam:ListAccessKeys', 'read_api'],
  runs: 'bridge',
  input: z.object({ response_id: responseIdInput }),
  output: responseOutput.extend({ statement: z.string() }),
  example: { response_id: '$executed_response_id' },
  varies: [
    'response_id',
    'created_at',
    'digest',
    'steps.*.what',
    'statement',
    'approval_id',
    'executed_at',
    'settled_at',
    'steps.*.before',
    'steps.*.after',
  ],
  echoOnError: ['response_id'],
  async run(ports, { response_id }) {
    const responses = responsesOf(ports);
    const cases = casesOf(ports);
    const response = await responseNamed(ports, response_id);
    requireStatus(
      response,
      ['verified', 'unverified', 'failed'],
      'only one that was carried out and not taken back can be verified',
    );
    const results = await readAgain({ ports, cases, responses, systems: systemsOf(ports) }, response);
    const status = outcomeOf(results);
    const changed = await responses.change(response.id, { results, status });
    const statement = `${changed.id} is ${status}: ${countsOf(changed)} for ${changed.target_label}.`;
    if (status !== response.status)
      await cases.change(response.case_id, {}, { type: `response_${status}`, summary: `Read again: ${statement}` });
    return { ...toOutput(changed), statement };
  },
});
