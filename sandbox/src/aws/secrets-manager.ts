import type { ServiceHandler, ServiceResponse } from '../service';
import { type AwsKey, SignatureError, verifySignature } from './signature';

/** AWS Secrets Manager over its JSON protocol: reading one secret by name. Requests have to be signed. */
export function createSecretsManager(options: AwsKey & { clock: () => Date }) {
  const stored = new Map<string, string>();
  const requests: { at: string; target: string; secret: string | null }[] = [];
  const handler: ServiceHandler = async (request) => {
    const at = options.clock();
    try {
      verifySignature(request, options, at);
    } catch (error) {
      if (!(error instanceof SignatureError)) throw error;
      return failure(error.code === 'MissingAuthenticationToken' ? 400 : error.status, error.code, error.message);
    }
    const target = String(request.headers['x-amz-target'] ?? '');
    const { SecretId } = JSON.parse(request.body.toString('utf8') || '{}') as { SecretId?: string };
    requests.push({ at: at.toISOString(), target, secret: SecretId ?? null });
    if (target !== 'secretsmanager.GetSecretValue')
      return failure(400, 'AccessDeniedException', `User is not authorized to perform: ${target.replace('.', ':')}`);
    const text = SecretId === undefined ? undefined : stored.get(SecretId);
    if (text === undefined)
      return failure(400, 'ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return json(200, {
      ARN: `arn:aws:secretsmanager:us-east-1:123456789012:secret:${SecretId}-Sim001`,
      Name: SecretId,
      VersionId: '00000000-0000-4000-8000-000000000000',
      SecretString: text,
      VersionStages: ['AWSCURRENT'],
      CreatedDate: 1767225600,
    });
  };
  return {
    handler,
    requests,
    /** Stores a secret, or takes it away. */
    put(name: string, text: string | undefined) {
      if (text === undefined) stored.delete(name);
      else stored.set(name, text);
    },
    reset() {
      stored.clear();
      requests.length = 0;
    },
  };
}

function failure(status: number, code: string, message: string): ServiceResponse {
  return json(status, { __type: code, Message: message });
}

function json(status: number, body: object): ServiceResponse {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) };
}
