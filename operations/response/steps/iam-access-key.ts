import { type Parameters, parameter, type StepKind, type Systems } from './step-kind';

async function statusOf(systems: Systems, given: Parameters): Promise<'Active' | 'Inactive' | null> {
  const keys = await (await systems.iam()).accessKeys(parameter(given, 'user'));
  return keys.find(({ id }) => id === parameter(given, 'access_key'))?.status ?? null;
}

/** An inactive key opens nothing and can be switched on again; a deleted one could not. A key that is gone is as good. */
export const deactivateAccessKey: StepKind = {
  kind: 'iam_deactivate_access_key',
  call: 'iam:UpdateAccessKey',
  parameters: ['user', 'access_key'],
  what: ({ user, access_key }) => `Deactivate the access key ${access_key} of the IAM user ${user}`,
  read: statusOf,
  isDone: (state) => state !== 'Active',
  async apply(systems, given) {
    const iam = await systems.iam();
    await iam.setKeyStatus(parameter(given, 'user'), parameter(given, 'access_key'), 'Inactive');
  },
  async revert(systems, given, before) {
    if (before !== 'Active') return;
    const iam = await systems.iam();
    await iam.setKeyStatus(parameter(given, 'user'), parameter(given, 'access_key'), 'Active');
  },
};
