import { pageOf, type SlackCall, SlackError } from './call';
import { userEntity } from './entities';
import type { MethodTable } from './methods';
import { BOT_ID, BOT_USER, TEAM } from './workspace';

function authTest(call: SlackCall) {
  return {
    url: `${call.origin}/`,
    team: TEAM.name,
    user: BOT_USER.name,
    team_id: TEAM.id,
    user_id: BOT_USER.id,
    bot_id: BOT_ID,
    is_enterprise_install: false,
  };
}

function info(call: SlackCall) {
  const user = call.state.users.get(call.required('user'));
  if (!user) throw new SlackError('user_not_found');
  return { user: userEntity(user) };
}

function byEmail(call: SlackCall) {
  const email = call.required('email').toLowerCase();
  // Deactivated accounts are not found by e-mail.
  const user = [...call.state.users.values()].find((entry) => entry.email === email && !entry.deleted);
  if (!user) throw new SlackError('users_not_found');
  return { user: userEntity(user) };
}

function list(call: SlackCall) {
  const { items, cursor } = pageOf(call, [...call.state.users.values()]);
  return { members: items.map(userEntity), cache_ts: call.state.now(), response_metadata: { next_cursor: cursor } };
}

function groups(call: SlackCall) {
  return {
    usergroups: call.state.userGroups.map((group) => ({
      id: group.id,
      team_id: TEAM.id,
      is_usergroup: true,
      name: group.name,
      handle: group.handle,
      user_count: group.users.length,
      ...(call.flag('include_users') ? { users: group.users } : {}),
    })),
  };
}

function groupUsers(call: SlackCall) {
  const id = call.required('usergroup');
  const group = call.state.userGroups.find((entry) => entry.id === id);
  if (!group) throw new SlackError('no_such_subteam');
  return { users: group.users };
}

export const PEOPLE_METHODS: MethodTable = {
  'auth.test': { json: true, scopes: [], run: authTest },
  'users.info': { json: false, scopes: ['users:read'], run: info },
  'users.list': { json: false, scopes: ['users:read'], run: list },
  'users.lookupByEmail': { json: false, scopes: ['users:read.email'], run: byEmail },
  'usergroups.list': { json: false, scopes: ['usergroups:read'], run: groups },
  'usergroups.users.list': { json: false, scopes: ['usergroups:read'], run: groupUsers },
};
