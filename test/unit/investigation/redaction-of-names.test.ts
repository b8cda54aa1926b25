import { cleanText } from '../../../operations/text';

test('the name of a secret in an ARN is kept, a secret value is not', () => {
  const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:simulated/payments-AbCdEf';
  expect(cleanText(arn)).toBe(arn);
  expect(cleanText('secret: hunter2hunter2')).not.toContain('hunter2');
  expect(cleanText(`${arn} client_secret=hunter2hunter2`)).not.toContain('hunter2');
});
