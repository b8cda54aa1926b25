import { AwsIam } from '../responses/aws-iam';
import type { Finding } from './check';
import type { Examination } from './examination';

/** Who the AWS credential of responses is. */
export async function checkAws({ config }: Examination): Promise<Finding[]> {
  const { aws } = config.responses;
  if ('missing' in aws) return [];
  try {
    const iam = await AwsIam.open(aws);
    const arn = await iam.ownArn();
    iam.close();
    const root: Finding[] = arn.endsWith(':root')
      ? [
          {
            level: 'problem',
            text: 'It is the root user of the account. Make a role with the permissions of docs/response.md instead.',
          },
        ]
      : [];
    return [{ level: 'ok', text: `AWS took the key of ${arn}.` }, ...root];
  } catch (error) {
    return [{ level: 'problem', text: `AWS refused the key of responses: ${(error as Error).message}` }];
  }
}
