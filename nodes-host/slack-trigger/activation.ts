import type { IHookFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { signingSecrets } from './signed-interaction';

/** Throws NodeOperationError when the node as it stands would refuse whatever Slack sends. */
export async function assertReadyForInteractions(context: IHookFunctions): Promise<void> {
  const secrets = await signingSecrets(context);
  if (secrets.some((secret) => /^[\x21-\x7e]{16,}$/.test(secret))) return;
  throw new NodeOperationError(
    context.getNode(),
    'The trigger has no signing secret, so every request would be refused',
    {
      description:
        'Choose a credential of type SOC Slack API, and fill in its Signing Secret: it is in Slack under Basic Information of the app.',
    },
  );
}
