import { cleanLine } from '../../text';
import { at, type CloudEvent, isObject, type JsonObject, objectOf, textOf } from '../cloud-event';

/** A text member of requestParameters, cleaned and short enough for a sentence; empty when absent. */
export function requested(event: CloudEvent, ...path: string[]): string {
  return cleanLine(textOf(at(event.request, ...path)) ?? '', 300);
}

/** CloudTrail writes lists as arrays, as `{items: [...]}`, or a single object. */
export function listAt(object: JsonObject, ...path: string[]): unknown[] {
  const value = path.length === 0 ? object : at(object, ...path);
  if (Array.isArray(value)) return value;
  if (isObject(value)) return Array.isArray(value.items) ? value.items : Object.keys(value).length > 0 ? [value] : [];
  return value === undefined || value === null ? [] : [value];
}

/** The last part of an ARN or path: `arn:aws:iam::aws:policy/AdministratorAccess` to `AdministratorAccess`. */
export function shortName(arn: string): string {
  return arn.split('/').at(-1)?.split(':').at(-1) ?? arn;
}

interface Statement {
  allow: boolean;
  actions: string[];
  resources: string[];
  principals: string[];
  conditional: boolean;
}

function strings(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(textOf).filter((text) => text !== null);
  const text = textOf(value);
  return text === null ? [] : [text];
}

/** The statements of a policy document given as an object or as JSON text, plain or percent-encoded. */
export function statementsOf(document: unknown): Statement[] {
  let body = objectOf(document);
  if (Object.keys(body).length === 0 && typeof document === 'string' && document.startsWith('%7B')) {
    try {
      body = objectOf(decodeURIComponent(document));
    } catch {
      return [];
    }
  }
  return listAt(body, 'Statement')
    .filter(isObject)
    .map((statement) => {
      const principal = statement.Principal;
      return {
        allow: statement.Effect === 'Allow',
        actions: strings(statement.Action),
        resources: strings(statement.Resource),
        principals: isObject(principal)
          ? [...strings(principal.AWS), ...strings(principal.Federated), ...strings(principal['*'])]
          : strings(principal),
        conditional: isObject(statement.Condition) && Object.keys(statement.Condition).length > 0,
      };
    });
}

/** Allows everything, or all of IAM, on every resource. */
export function grantsAdmin(document: unknown): boolean {
  return statementsOf(document).some(
    (statement) =>
      statement.allow &&
      statement.resources.some((resource) => resource === '*' || resource === 'arn:aws:iam::*:*') &&
      statement.actions.some((action) => action === '*' || action === '*:*' || action.toLowerCase() === 'iam:*'),
  );
}

/** Principals of a document that are everybody or of another account than `own`. Services are no principals here. */
export function outsiders(document: unknown, own: string | null): string[] {
  const found = statementsOf(document)
    .filter((statement) => statement.allow)
    .flatMap((statement) =>
      statement.principals.filter((principal) => isOutside(principal, own, statement.conditional)),
    );
  return [...new Set(found)].sort();
}

/** `*`, or an account other than `own`. A condition may narrow `*`, so a conditional `*` is not counted. */
export function isOutside(principal: string, own: string | null, conditional = false): boolean {
  if (principal === '*') return !conditional;
  const account = /^\d{12}$/.test(principal) ? principal : /^arn:aws[a-z-]*:[a-z]+::(\d{12}):/.exec(principal)?.[1];
  return account !== undefined && own !== null && account !== own;
}

const adminPolicies = /\/(?:AdministratorAccess|IAMFullAccess|PowerUserAccess|AWSOrganizationsFullAccess)$/;

export function isAdminPolicyArn(arn: string): boolean {
  return adminPolicies.test(arn);
}
