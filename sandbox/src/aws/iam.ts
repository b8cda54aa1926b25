import type { ServiceHandler, ServiceResponse } from '../service';
import { type IamEntity, type IamState, OWN_USER, simulatedIam } from './iam-state';
import { type AwsKey, SignatureError, verifySignature } from './signature';

export type IamOptions = AwsKey & { clock: () => Date };

/** What IAM answers with when it refuses: the query protocol's ErrorResponse. */
class IamError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const NAMESPACE = 'https://iam.amazonaws.com/doc/2010-05-08/';
const REQUEST_ID = '00000000-0000-4000-8000-000000000000';

/** AWS IAM over its query protocol, the calls that containment uses. Requests have to be signed (Signature Version 4). */
export function createIam(options: IamOptions) {
  let state = simulatedIam();
  const requests: object[] = [];
  const handler: ServiceHandler = async (request) => {
    try {
      verifySignature(request, options, options.clock());
      const form = new URLSearchParams(request.body.toString('utf8'));
      const action = form.get('Action') ?? '';
      requests.push({ at: options.clock().toISOString(), action, parameters: Object.fromEntries(form) });
      return xml(
        200,
        `<${action}Response xmlns="${NAMESPACE}">${answer(action, form, state)}<ResponseMetadata><RequestId>${REQUEST_ID}</RequestId></ResponseMetadata></${action}Response>`,
      );
    } catch (error) {
      if (!(error instanceof IamError || error instanceof SignatureError)) throw error;
      const { code, message, status } = error;
      return xml(
        status,
        `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error><RequestId>${REQUEST_ID}</RequestId></ErrorResponse>`,
      );
    }
  };
  return {
    handler,
    requests,
    /** For people and tests: everybody with keys and inline policies. */
    view: () => ({ users: [...state.users.values()].map(viewOf), roles: [...state.roles.values()].map(viewOf) }),
    reset() {
      state = simulatedIam();
      requests.length = 0;
    },
  };
}

function viewOf({ name, arn, keys, policies }: IamEntity) {
  return { name, arn, keys: Object.fromEntries(keys), policies: Object.fromEntries(policies) };
}

function answer(action: string, form: URLSearchParams, state: IamState): string {
  const holder = action.includes('Role') ? 'role' : 'user';
  switch (action) {
    case 'GetUser': {
      const user = form.get('UserName') === null ? must(state, 'user', OWN_USER) : named(form, state, 'user');
      return `<GetUserResult><User>${entityXml(user, 'User')}</User></GetUserResult>`;
    }
    case 'GetRole':
      return `<GetRoleResult><Role>${entityXml(named(form, state, 'role'), 'Role')}<AssumeRolePolicyDocument>%7B%7D</AssumeRolePolicyDocument></Role></GetRoleResult>`;
    case 'ListAccessKeys': {
      const user = named(form, state, 'user');
      const members = [...user.keys].map(
        ([id, status]) =>
          `<member><UserName>${user.name}</UserName><AccessKeyId>${id}</AccessKeyId><Status>${status}</Status><CreateDate>2026-01-01T00:00:00Z</CreateDate></member>`,
      );
      return `<ListAccessKeysResult><IsTruncated>false</IsTruncated><AccessKeyMetadata>${members.join('')}</AccessKeyMetadata></ListAccessKeysResult>`;
    }
    case 'UpdateAccessKey': {
      const user = named(form, state, 'user');
      const id = form.get('AccessKeyId') ?? '';
      const status = form.get('Status');
      if (!user.keys.has(id)) throw new IamError(404, 'NoSuchEntity', `The Access Key with id ${id} cannot be found.`);
      if (status !== 'Active' && status !== 'Inactive')
        throw new IamError(400, 'ValidationError', 'Status must be Active or Inactive.');
      user.keys.set(id, status);
      return '';
    }
    case 'GetUserPolicy':
    case 'GetRolePolicy': {
      const entity = named(form, state, holder);
      const name = form.get('PolicyName') ?? '';
      const document = entity.policies.get(name);
      if (document === undefined)
        throw new IamError(404, 'NoSuchEntity', `The ${holder} policy with name ${name} cannot be found.`);
      const word = holder === 'role' ? 'Role' : 'User';
      return `<${action}Result><${word}Name>${entity.name}</${word}Name><PolicyName>${escapeXml(name)}</PolicyName><PolicyDocument>${encodeURIComponent(document)}</PolicyDocument></${action}Result>`;
    }
    case 'PutUserPolicy':
    case 'PutRolePolicy':
      named(form, state, holder).policies.set(policyName(form), policyDocument(form));
      return '';
    case 'DeleteUserPolicy':
    case 'DeleteRolePolicy':
      if (!named(form, state, holder).policies.delete(policyName(form)))
        throw new IamError(404, 'NoSuchEntity', `The ${holder} policy with name ${policyName(form)} cannot be found.`);
      return '';
    default:
      throw new IamError(400, 'InvalidAction', `Could not find operation ${action} for version NO_VERSION_SPECIFIED`);
  }
}

function named(form: URLSearchParams, state: IamState, kind: 'user' | 'role'): IamEntity {
  return must(state, kind, form.get(kind === 'user' ? 'UserName' : 'RoleName') ?? '');
}

function must(state: IamState, kind: 'user' | 'role', name: string): IamEntity {
  const entity = (kind === 'user' ? state.users : state.roles).get(name.toLowerCase());
  if (entity === undefined) throw new IamError(404, 'NoSuchEntity', `The ${kind} with name ${name} cannot be found.`);
  return entity;
}

function policyName(form: URLSearchParams): string {
  const name = form.get('PolicyName') ?? '';
  if (!/^[\w+=,.@-]{1,128}$/.test(name))
    throw new IamError(400, 'ValidationError', 'The specified value for policyName is invalid.');
  return name;
}

function policyDocument(form: URLSearchParams): string {
  const text = form.get('PolicyDocument') ?? '';
  try {
    const document = JSON.parse(text) as { Statement?: unknown };
    if (document.Statement === undefined) throw new Error('no statement');
  } catch {
    throw new IamError(400, 'MalformedPolicyDocument', 'The policy is not in the valid JSON format.');
  }
  // The limit for a user's inline policies together.
  if (text.replace(/\s/g, '').length > 2048)
    throw new IamError(409, 'LimitExceeded', 'Maximum policy size of 2048 bytes exceeded.');
  return text;
}

function entityXml({ name, path, arn, id }: IamEntity, kind: 'User' | 'Role'): string {
  return `<Path>${path}</Path><${kind}Name>${name}</${kind}Name><${kind}Id>${id}</${kind}Id><Arn>${arn}</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>`;
}

function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

function xml(status: number, body: string): ServiceResponse {
  return { status, headers: { 'content-type': 'text/xml' }, body };
}
