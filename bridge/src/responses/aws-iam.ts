import type { IAMClient } from '@aws-sdk/client-iam';
import {
  BadResponseError,
  MissingPermissionError,
  NotFoundOrNoAccessError,
  OperationError,
  RateLimitedError,
  UnauthenticatedError,
  UnavailableError,
} from '../../../operations/errors';
import type { IamIdentity, IamPort, PolicyHolder } from '../../../operations/response/response-port';
import type { AwsConfig } from './response-settings';

const timeoutMs = 20_000;
const mostKeys = 20;

/** AWS IAM over Amazon's client, which is loaded when it is first needed. Reads are repeated by the client, three tries in all. */
export class AwsIam implements IamPort {
  private constructor(
    private readonly client: IAMClient,
    private readonly sdk: typeof import('@aws-sdk/client-iam'),
  ) {}

  static async open(config: AwsConfig): Promise<AwsIam> {
    const sdk = await import('@aws-sdk/client-iam');
    const { accessKeyId, secretAccessKey, sessionToken, region, endpoint } = config;
    const client = new sdk.IAMClient({
      region,
      ...(endpoint === undefined ? {} : { endpoint }),
      // Given here, the client looks nowhere else: not into profiles, not at the metadata of a machine.
      credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
      maxAttempts: 3,
    });
    return new AwsIam(client, sdk);
  }

  async user(name: string): Promise<IamIdentity | undefined> {
    const answer = await this.found('iam:GetUser', () =>
      this.client.send(new this.sdk.GetUserCommand({ UserName: name }), abort()),
    );
    return identityOf(answer?.User?.UserName, answer?.User?.Arn, answer?.User?.Path);
  }

  async role(name: string): Promise<IamIdentity | undefined> {
    const answer = await this.found('iam:GetRole', () =>
      this.client.send(new this.sdk.GetRoleCommand({ RoleName: name }), abort()),
    );
    return identityOf(answer?.Role?.RoleName, answer?.Role?.Arn, answer?.Role?.Path);
  }

  /** IAM tells who asks when it is asked for a user without a name; a role is refused there, with its ARN in the refusal. */
  async ownArn(): Promise<string> {
    try {
      const { User } = await this.client.send(new this.sdk.GetUserCommand({}), abort());
      if (User?.Arn !== undefined) return User.Arn;
    } catch (error) {
      const arn = /arn:aws[a-z-]*:(?:iam|sts)::\d{12}:[\w+=,.@/-]+/.exec(
        error instanceof Error ? error.message : '',
      )?.[0];
      if (arn !== undefined) return arn;
      throw toOperationError('iam:GetUser', error);
    }
    throw new BadResponseError('AWS IAM', 'it did not say whom the bridge acts as');
  }

  async accessKeys(user: string): Promise<{ id: string; status: 'Active' | 'Inactive' }[]> {
    const answer = await this.call('iam:ListAccessKeys', () =>
      this.client.send(new this.sdk.ListAccessKeysCommand({ UserName: user, MaxItems: mostKeys }), abort()),
    );
    return (answer.AccessKeyMetadata ?? []).flatMap(({ AccessKeyId, Status }) =>
      AccessKeyId === undefined ? [] : [{ id: AccessKeyId, status: Status === 'Active' ? 'Active' : 'Inactive' }],
    );
  }

  async setKeyStatus(user: string, keyId: string, status: 'Active' | 'Inactive'): Promise<void> {
    await this.call('iam:UpdateAccessKey', () =>
      this.client.send(
        new this.sdk.UpdateAccessKeyCommand({ UserName: user, AccessKeyId: keyId, Status: status }),
        abort(),
      ),
    );
  }

  async inlinePolicy(holder: PolicyHolder, name: string, policy: string): Promise<string | undefined> {
    const answer = await this.found<{ PolicyDocument: string | undefined }>(`iam:Get${wordOf(holder)}Policy`, () =>
      holder === 'user'
        ? this.client.send(new this.sdk.GetUserPolicyCommand({ UserName: name, PolicyName: policy }), abort())
        : this.client.send(new this.sdk.GetRolePolicyCommand({ RoleName: name, PolicyName: policy }), abort()),
    );
    // IAM gives documents percent-encoded (RFC 3986).
    return answer?.PolicyDocument === undefined ? undefined : decodeURIComponent(answer.PolicyDocument);
  }

  async putInlinePolicy(holder: PolicyHolder, name: string, policy: string, document: string): Promise<void> {
    await this.call<unknown>(`iam:Put${wordOf(holder)}Policy`, () =>
      holder === 'user'
        ? this.client.send(
            new this.sdk.PutUserPolicyCommand({ UserName: name, PolicyName: policy, PolicyDocument: document }),
            abort(),
          )
        : this.client.send(
            new this.sdk.PutRolePolicyCommand({ RoleName: name, PolicyName: policy, PolicyDocument: document }),
            abort(),
          ),
    );
  }

  async deleteInlinePolicy(holder: PolicyHolder, name: string, policy: string): Promise<void> {
    // One that is gone is deleted.
    await this.found<unknown>(`iam:Delete${wordOf(holder)}Policy`, () =>
      holder === 'user'
        ? this.client.send(new this.sdk.DeleteUserPolicyCommand({ UserName: name, PolicyName: policy }), abort())
        : this.client.send(new this.sdk.DeleteRolePolicyCommand({ RoleName: name, PolicyName: policy }), abort()),
    );
  }

  close(): void {
    this.client.destroy();
  }

  /** Undefined where IAM says that there is no such thing. */
  private async found<T>(action: string, send: () => Promise<T>): Promise<T | undefined> {
    try {
      return await send();
    } catch (error) {
      if (nameOf(error) === 'NoSuchEntityException' || nameOf(error) === 'NoSuchEntity') return undefined;
      throw toOperationError(action, error);
    }
  }

  private async call<T>(action: string, send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      throw toOperationError(action, error);
    }
  }
}

function wordOf(holder: PolicyHolder): 'User' | 'Role' {
  return holder === 'user' ? 'User' : 'Role';
}

function abort(): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(timeoutMs) };
}

function identityOf(
  name: string | undefined,
  arn: string | undefined,
  path: string | undefined,
): IamIdentity | undefined {
  const account = /^arn:aws[a-z-]*:iam::(\d{12}):/.exec(arn ?? '')?.[1];
  return name === undefined || arn === undefined || account === undefined
    ? undefined
    : { name, arn, account, path: path ?? '/' };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** IAM's errors by their codes. Its texts may hold what callers wrote, so they are not passed on. */
function toOperationError(action: string, error: unknown): OperationError {
  if (error instanceof OperationError) return error;
  const name = nameOf(error).replace(/Exception$/, '');
  switch (name) {
    case 'AccessDenied':
    case 'UnauthorizedOperation':
      return new MissingPermissionError('AWS IAM', action, action);
    case 'InvalidClientTokenId':
    case 'SignatureDoesNotMatch':
    case 'ExpiredToken':
    case 'UnrecognizedClient':
      return new UnauthenticatedError(
        'AWS IAM',
        'Check RESPONSE_AWS_ACCESS_KEY_ID and RESPONSE_AWS_SECRET_ACCESS_KEY.',
      );
    case 'Throttling':
    case 'TooManyRequests':
    case 'LimitExceeded':
      return new RateLimitedError('AWS IAM', 5);
    case 'NoSuchEntity':
      return new NotFoundOrNoAccessError('AWS IAM', `what ${action} is about`);
    default:
      return new UnavailableError(
        'AWS IAM',
        `${action} did not succeed (${/^[A-Za-z]{1,60}$/.test(name) ? name : 'no answer'})`,
      );
  }
}
