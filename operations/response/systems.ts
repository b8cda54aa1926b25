import { OperationError } from '../errors';
import { GitLab } from '../gitlab/client';
import type { Ports } from '../ports';
import type { IamPort, OktaPort, ResponsePort } from './response-port';
import type { Systems } from './steps/step-kind';

const totalMs = 120_000;

/** The response part of this host. Throws where there is none: hosts send such calls to the bridge. */
export function responsesOf(ports: Ports): ResponsePort {
  if (ports.responses !== undefined) return ports.responses;
  throw new OperationError(
    'unavailable',
    'Responses are carried out by the bridge; this host cannot. Call the bridge.',
  );
}

/** The systems of one call, each opened once and only when it is needed. */
export function systemsOf(ports: Ports): Systems {
  const responses = responsesOf(ports);
  let gitlab: Promise<GitLab> | undefined;
  let iam: Promise<IamPort> | undefined;
  return {
    gitlab() {
      gitlab ??= GitLab.open(ports, totalMs);
      return gitlab;
    },
    iam() {
      iam ??= responses.iam();
      return iam;
    },
    okta(): OktaPort {
      const okta = responses.okta();
      if (okta !== null) return okta;
      throw new OperationError(
        'unauthenticated',
        'Okta is not set up in this bridge: set OKTA_URL and OKTA_API_TOKEN in its environment and start it again.',
        { service: 'Okta', variable: 'OKTA_URL,OKTA_API_TOKEN' },
      );
    },
  };
}
