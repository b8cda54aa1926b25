import { type Parameters, parameter, type StepKind, type Systems } from './step-kind';

async function statusOf(systems: Systems, given: Parameters): Promise<string | null> {
  return (await systems.okta().user(parameter(given, 'user_id')))?.status ?? null;
}

/** A suspended user keeps groups and applications and can sign in nowhere. */
export const suspendOktaUser: StepKind = {
  kind: 'okta_suspend_user',
  call: 'POST /api/v1/users/{id}/lifecycle/suspend',
  parameters: ['user_id', 'login'],
  what: ({ login, user_id }) => `Suspend the Okta user ${login} (${user_id})`,
  read: statusOf,
  isDone: (state) => state === 'SUSPENDED' || state === 'DEPROVISIONED',
  apply: (systems, given) => systems.okta().suspend(parameter(given, 'user_id')),
  async revert(systems, given, before) {
    if (before === 'ACTIVE') await systems.okta().unsuspend(parameter(given, 'user_id'));
  },
};

/** Okta does not list a user's sessions, so nothing can be read afterwards, and what is ended stays ended. */
export const clearOktaSessions: StepKind = {
  kind: 'okta_clear_sessions',
  call: 'DELETE /api/v1/users/{id}/sessions',
  parameters: ['user_id', 'login'],
  what: ({ login, user_id }) => `End all Okta sessions of ${login} (${user_id})`,
  read: async () => null,
  isDone: () => undefined,
  apply: (systems, given) => systems.okta().clearSessions(parameter(given, 'user_id')),
};
