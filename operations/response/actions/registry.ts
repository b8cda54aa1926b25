import { InvalidInputError } from '../../errors';
import type { ResponseAction } from '../plan';
import type { ResponseActionName, ResponseSystem } from '../response-port';
import { isolateAwsUser, quarantineAwsRole, revokeAwsAccessKey } from './aws';
import { isolateGitLabUser, isolateOktaUser } from './people';

/** The closed list of what may be planned. */
export const responseActions: readonly ResponseAction[] = [
  isolateAwsUser,
  revokeAwsAccessKey,
  quarantineAwsRole,
  isolateGitLabUser,
  isolateOktaUser,
];

/** Throws InvalidInputError where an action cannot be done on that system. */
export function actionOn(name: ResponseActionName, system: ResponseSystem): ResponseAction {
  const found = responseActions.find((action) => action.name === name && action.system === system);
  if (found !== undefined) return found;
  const systems = responseActions.filter((action) => action.name === name).map((action) => action.system);
  throw new InvalidInputError('system', `${name} can be done on ${systems.join(', ')}, not on ${system}`);
}
