import type { ServiceHandler, ServiceResponse } from '../service';
import { SIMULATED_PEOPLE, type SimulatedPerson } from '../simulated-people';

interface OktaState {
  status: Map<string, string>;
  /** Open sessions by user id. */
  sessions: Map<string, number>;
}

const people: readonly SimulatedPerson[] = Object.values(SIMULATED_PEOPLE).filter((person) => !('bot' in person));
const idOf = (person: SimulatedPerson) => `00usim${String(person.number).padStart(14, '0')}`;

function fresh(): OktaState {
  return {
    status: new Map(people.map((person) => [idOf(person), person.deactivated ? 'DEPROVISIONED' : 'ACTIVE'])),
    sessions: new Map(people.map((person) => [idOf(person), 2])),
  };
}

/** Okta's management API: users with their life cycle and sessions, as containment uses it. */
export function createOkta(options: { token: string; clock: () => Date }) {
  let state = fresh();
  const requests: object[] = [];
  const handler: ServiceHandler = async (request) => {
    requests.push({ at: options.clock().toISOString(), method: request.method, path: request.path });
    if (request.headers.authorization !== `SSWS ${options.token}`)
      return failure(401, 'E0000011', 'Invalid token provided');
    // Whose token it is.
    if (request.method === 'GET' && request.path === '/api/v1/users/me')
      return {
        status: 200,
        body: { id: '00usimservice0000000', status: 'ACTIVE', profile: { login: 'soc-responder@simulated.example' } },
      };
    const [, id, action] =
      /^\/api\/v1\/users\/([^/]+)(?:\/(lifecycle\/suspend|lifecycle\/unsuspend|sessions))?$/.exec(request.path) ?? [];
    const asked = id === undefined ? undefined : decodeURIComponent(id).toLowerCase();
    const person = people.find((entry) => idOf(entry) === asked || entry.email === asked || entry.username === asked);
    if (person === undefined) return failure(404, 'E0000007', `Not found: Resource not found: ${asked ?? ''} (User)`);
    return act(state, person, `${request.method} ${action ?? ''}`.trim());
  };
  return {
    handler,
    requests,
    view: () =>
      people.map((person) => ({
        id: idOf(person),
        login: person.email,
        status: state.status.get(idOf(person)),
        sessions: state.sessions.get(idOf(person)),
      })),
    reset() {
      state = fresh();
      requests.length = 0;
    },
  };
}

function act({ status, sessions }: OktaState, person: SimulatedPerson, what: string): ServiceResponse {
  const id = idOf(person);
  switch (what) {
    case 'GET':
      return {
        status: 200,
        body: {
          id,
          status: status.get(id),
          profile: { login: person.email, email: person.email, displayName: person.name },
        },
      };
    case 'POST lifecycle/suspend':
      if (status.get(id) !== 'ACTIVE') return failure(400, 'E0000001', 'Api validation failed: suspendUser');
      status.set(id, 'SUSPENDED');
      return { status: 200, body: {} };
    case 'POST lifecycle/unsuspend':
      if (status.get(id) !== 'SUSPENDED') return failure(400, 'E0000001', 'Api validation failed: unsuspendUser');
      status.set(id, 'ACTIVE');
      return { status: 200, body: {} };
    case 'DELETE sessions':
      sessions.set(id, 0);
      return { status: 204 };
    default:
      return failure(405, 'E0000022', 'The endpoint does not support the provided HTTP method');
  }
}

function failure(status: number, errorCode: string, errorSummary: string): ServiceResponse {
  return { status, body: { errorCode, errorSummary, errorLink: errorCode, errorId: 'simulated', errorCauses: [] } };
}
