import type { z } from 'zod';
import type { Ports } from '../ports';
import type { Deadline } from '../retry';
import { type PantherEndpoints, pantherEndpoints } from './base-url';
import { type GraphqlAnswer, type GraphqlCall, sendGraphql } from './graphql';
import { type RestCall, sendRest } from './rest';
import { type TenantSettings, tenantSettings } from './tenant-settings';

type Schema<T> = z.ZodType<T, z.ZodTypeDef, unknown>;

/** What a call is for, and the permission it needs by Panther's own name. */
export type Purpose = Pick<GraphqlCall<unknown>, 'permission' | 'what'>;

/** One tenant's API for the length of one operation. */
export class PantherClient {
  private constructor(
    readonly ports: Ports,
    readonly endpoints: PantherEndpoints,
    readonly deadline: Deadline,
    readonly settings: TenantSettings,
    /** Tells this token from others of the same address without being it; undefined when the host gives none. */
    readonly account: string | undefined,
  ) {}

  /** Reads the connection and works out its addresses. Throws InvalidInputError when the stored address or a setting is no use. */
  static async connect(ports: Ports, deadline: Deadline): Promise<PantherClient> {
    const connection = await ports.connection('panther');
    const endpoints = pantherEndpoints(connection.baseUrl);
    return new PantherClient(ports, endpoints, deadline, tenantSettings(connection), connection.account);
  }

  /** The same tenant at another address of its origin. */
  at(endpoints: PantherEndpoints): PantherClient {
    return new PantherClient(this.ports, endpoints, this.deadline, this.settings, this.account);
  }

  /** The same tenant through other ports or another deadline: clean-up after an abort needs both. */
  over(ports: Ports, deadline: Deadline): PantherClient {
    return new PantherClient(ports, this.endpoints, deadline, this.settings, this.account);
  }

  /** A query: repeated after 429, 502-504 and lost connections. */
  read<T>(
    document: string,
    variables: Record<string, unknown>,
    answer: Schema<T>,
    purpose: Purpose,
  ): Promise<GraphqlAnswer<T>> {
    return this.send(document, variables, answer, purpose, false);
  }

  /** A mutation: sent once. After a failure that leaves its outcome open, see `outcomeUnknown`. */
  mutate<T>(
    document: string,
    variables: Record<string, unknown>,
    answer: Schema<T>,
    purpose: Purpose,
  ): Promise<GraphqlAnswer<T>> {
    return this.send(document, variables, answer, purpose, true);
  }

  /** A call of the REST API; undefined when no body was asked for or came. */
  rest<T>(call: Omit<RestCall<T>, 'deadline'>): Promise<T | undefined> {
    return sendRest(this.ports, this.endpoints.rest, { ...call, deadline: this.deadline });
  }

  private send<T>(
    document: string,
    variables: Record<string, unknown>,
    answer: Schema<T>,
    purpose: Purpose,
    mutation: boolean,
  ): Promise<GraphqlAnswer<T>> {
    return sendGraphql(this.ports, this.endpoints.graphql, {
      document,
      variables,
      answer,
      mutation,
      ...purpose,
      deadline: this.deadline,
    });
  }
}
