import type {
  ICredentialDataDecryptedObject,
  ICredentialsDecrypted,
  IHookFunctions,
  INodeCredentialTestResult,
} from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { webhookCredential } from './receive-alert';
import { secretProblem } from './webhook-secret';

/** What the form of the credential says: nothing can be called with the secret, so it is looked at. */
export function testWebhookSecret(credential: ICredentialsDecrypted): INodeCredentialTestResult {
  const problem = secretProblem(credential.data);
  return problem === undefined
    ? { status: 'OK', message: 'The secret can be used. Enter the same header in Panther.' }
    : { status: 'Error', message: problem };
}

/** Throws NodeOperationError when the node as it stands would refuse every alert, or take anybody's. */
export async function assertReadyForAlerts(context: IHookFunctions): Promise<void> {
  const node = context.getNode();
  const chosen = node.credentials ?? {};
  if (chosen[webhookCredential] === undefined) {
    throw new NodeOperationError(node, 'The trigger has no secret, so every alert would be refused', {
      description: 'Choose a credential of type Panther Webhook API with a header name and a value.',
    });
  }
  // n8n saves a credential whose test has failed, too.
  const problem = secretProblem(await context.getCredentials<ICredentialDataDecryptedObject>(webhookCredential));
  if (problem !== undefined) {
    throw new NodeOperationError(node, 'The secret of the trigger cannot be used', { description: problem });
  }
  if (context.getNodeParameter('handOver', false) === true && chosen.socBridgeApi === undefined) {
    throw new NodeOperationError(node, 'Alerts cannot be handed over without a bridge', {
      description: 'Choose a credential of type SOC Bridge API, or switch Hand Over to the SOC Bridge off.',
    });
  }
}
