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
  /** A condition keeps it to certain accounts, networks or resources. Others, such as an external id, do not. */
  narrowed: boolean;
}

/** Condition keys that AWS sets and that tell whose the caller is or where it comes from. */
const narrowing =
  /"(?:aws:(?:Principal(?:OrgID|OrgPaths|Account|Arn|ServiceName)|Source(?:Account|Arn|Vpc|Vpce|Owner|OrgID|OrgPaths|Ip)|VpcSourceIp|userid)|kms:(?:CallerAccount|ViaService|GrantIsForAWSResource)|s3:DataAccessPointAccount|saml:aud|[\w./-]+:(?:aud|sub))"/i;

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
        narrowed: isObject(statement.Condition) && narrowing.test(JSON.stringify(statement.Condition)),
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

/**
 * Actions that lead to more rights for whoever holds them, on every resource: ways of privilege escalation published by
 * Rhino Security Labs.
 */
const escalatingActions =
  /^(?:\*|iam:(?:\*|Put\*|Attach\*|Create\*|Update\*|Add\*|PassRole|Create(?:AccessKey|LoginProfile|PolicyVersion)|UpdateLoginProfile|UpdateAssumeRolePolicy|(?:Attach|Put)(?:User|Role|Group)Policy|AddUserToGroup|SetDefaultPolicyVersion)|sts:(?:\*|AssumeRole)|lambda:(?:\*|UpdateFunctionCode)|ssm:(?:\*|SendCommand|StartSession)|ec2:\*|secretsmanager:\*|organizations:\*)$/i;

/** Allows a step to more rights on every resource. Unreadable documents do not. */
export function isEscalating(document: unknown): boolean {
  return statementsOf(document).some(
    ({ allow, resources, actions }) =>
      allow && resources.includes('*') && actions.some((action) => escalatingActions.test(action)),
  );
}

/** The resource policy in a call, under the names that the services use. */
export function policyOf({ request }: CloudEvent): unknown {
  for (const path of policyPaths) {
    const found = at(request, ...path);
    if (found !== undefined && found !== null && found !== '') return found;
  }
  return undefined;
}

const policyPaths = [
  ['bucketPolicy'],
  ['policy'],
  ['resourcePolicy'],
  ['policyText'],
  ['accessPolicies'],
  ['attributes', 'Policy'],
  ['attributeValue'],
  ['policyDocument'],
  ['accessPolicy'],
  ['policyInJson'],
];

/** Principals of a document that are everybody or of another account than `own`. Services are no principals here. */
export function outsiders(document: unknown, own: string | null): string[] {
  const found = statementsOf(document)
    .filter((statement) => statement.allow)
    .flatMap((statement) => statement.principals.filter((principal) => isOutside(principal, own, statement.narrowed)));
  return [...new Set(found)].sort();
}

/** `*`, or an account other than `own`. A `*` that a condition narrows is not counted. */
export function isOutside(principal: string, own: string | null, narrowed = false): boolean {
  if (principal === '*') return !narrowed;
  const account = /^\d{12}$/.test(principal) ? principal : /^arn:aws[a-z-]*:[a-z]+::(\d{12}):/.exec(principal)?.[1];
  return account !== undefined && own !== null && account !== own;
}

const adminPolicies = /\/(?:AdministratorAccess|IAMFullAccess|PowerUserAccess|AWSOrganizationsFullAccess)$/;

export function isAdminPolicyArn(arn: string): boolean {
  return adminPolicies.test(arn);
}

/** The region that a snapshot or image is copied from; without a name of one it is the region of the call. */
export function regionOfSource(event: CloudEvent): string {
  const named = requested(event, 'sourceRegion');
  if (named !== '') return named;
  const source =
    requested(event, 'sourceDBSnapshotIdentifier') || requested(event, 'sourceDBClusterSnapshotIdentifier');
  return /^arn:aws[a-z-]*:rds:([a-z0-9-]+):/.exec(source)?.[1] ?? event.region;
}

/** One opening of a firewall: ports, protocol and the addresses let in. */
export interface IngressRule {
  from: number;
  to: number;
  ranges: string[];
}

/** What AuthorizeSecurityGroupIngress and ModifySecurityGroupRules let in; other groups and prefix lists are no addresses. */
export function ingressRules(event: CloudEvent): IngressRule[] {
  const { request } = event;
  const changed = listAt(request, 'ModifySecurityGroupRulesRequest', 'SecurityGroupRule').filter(isObject);
  const rules = [
    request,
    ...listAt(request, 'ipPermissions'),
    ...changed.map((rule) => at(rule, 'SecurityGroupRule') ?? rule),
  ].filter(isObject);
  return rules
    .map((rule) => {
      const listed = [...listAt(rule, 'ipRanges'), ...listAt(rule, 'ipv6Ranges')].filter(isObject);
      const ranges = [
        ...['cidrIp', 'cidrIpv4', 'cidrIpv6'].map((name) => textOf(at(rule, name))),
        ...listed.flatMap((range) => [textOf(range.cidrIp), textOf(range.cidrIpv6)]),
      ].filter((range) => range !== null);
      const everything = textOf(at(rule, 'ipProtocol')) === '-1';
      const from = everything ? 0 : Number(at(rule, 'fromPort') ?? 0);
      const to = everything ? 65_535 : Number(at(rule, 'toPort') ?? 65_535);
      return { from: from === -1 ? 0 : from, to: from === -1 ? 65_535 : to, ranges };
    })
    .filter(({ ranges }) => ranges.length > 0);
}

/** Nothing but the ports that web servers are there for. */
export function isForTheWeb({ from, to }: IngressRule): boolean {
  return from === to && (from === 80 || from === 443);
}

/** A load balancer told to write no access log. */
export function logsTurnedOff(event: CloudEvent): boolean {
  return [...listAt(event.request, 'attributes'), ...listAt(event.request, 'loadBalancerAttributes', 'accessLog')]
    .filter(isObject)
    .some(
      (attribute) =>
        (/^(?:access|connection)_logs\.s3\.enabled$/.test(textOf(attribute.key) ?? '') &&
          textOf(attribute.value) === 'false') ||
        attribute.enabled === false,
    );
}
