import { cleanLine } from '../text';
import type { Entity } from './alert';
import { type Fields, isFields, maxIndicators } from './alert-fields';
import { type EntityType, formatProblem, guessEntityType, refang, uniqueEntities } from './indicators';

/**
 * `type_id` of an observable, by OCSF's table. Only kinds that a query can ask for; the rest (ports, files, processes) names nobody.
 */
const observableTypes: Readonly<Record<number, EntityType | 'guess'>> = {
  1: 'host',
  2: 'ip',
  4: 'guess',
  5: 'email',
  8: 'sha256',
  10: 'aws_arn',
  19: 'access_key',
  20: 'host',
  21: 'guess',
  22: 'email',
};

type Add = (type: EntityType | 'guess', value: unknown) => void;

/**
 * Who and what a finding is about: its observables, actor, devices, endpoints and resources, at the top and in each piece of
 * evidence. What does not look like its kind is left out; free text names nobody.
 */
export function ocsfEntities(fields: Fields): Entity[] {
  const found: Entity[] = [];
  const add: Add = (wanted, value) => {
    if (typeof value !== 'string' || value.length > 512 || found.length >= 4 * maxIndicators) return;
    const text = refang(cleanLine(value, 512));
    if (text === '' || text === '-') return;
    const type = wanted === 'guess' ? guessEntityType(text) : wanted;
    if (formatProblem(type, text) === undefined) found.push({ type, value: text });
  };
  for (const part of [fields, ...listed(fields.evidences), ...listed(fields.evidence)]) addPart(part, add);
  for (const observable of listed(fields.observables)) {
    const type = observableTypes[Number(observable.type_id)];
    if (type !== undefined) add(type, observable.value);
  }
  return uniqueEntities(found).slice(0, maxIndicators);
}

/** A list of objects, or one object: 1.0 has single ones where later versions have lists. */
function listed(value: unknown): Fields[] {
  const list: unknown[] = Array.isArray(value) ? value.slice(0, 200) : [value];
  return list.filter(isFields);
}

function addPart(part: Fields, add: Add): void {
  for (const actor of listed(part.actor)) {
    for (const user of listed(actor.user)) addUser(user, add);
    for (const session of listed(actor.session)) add('aws_arn', session.issuer);
  }
  for (const user of listed(part.user)) addUser(user, add);
  for (const endpoint of [...listed(part.device), ...listed(part.src_endpoint)]) {
    add('ip', endpoint.ip);
    add('host', endpoint.hostname);
    add('host', endpoint.instance_uid);
  }
  for (const resource of [...listed(part.resources), ...listed(part.resource)]) {
    // A resource is somebody only where its name is a principal's; buckets and machines have no calls of their own.
    if (/^arn:aws[a-z-]*:(?:iam|sts)::/i.test(String(resource.uid))) add('aws_arn', resource.uid);
    if (/accesskey/i.test(String(resource.type))) {
      add('access_key', resource.uid);
      for (const user of listed(resource.owner)) addUser(user, add);
    }
    if (/instance$/i.test(String(resource.type))) add('host', String(resource.uid).split('/').at(-1));
  }
}

function addUser(user: Fields, add: Add): void {
  add('guess', user.name);
  add('email', user.email_addr);
  add('aws_arn', user.uid);
  add('aws_arn', user.uid_alt);
  add('access_key', user.credential_uid);
  // 1.0 has the account beside the user's name.
  add('aws_account', user.account_uid);
  for (const account of listed(user.account)) add('aws_account', account.uid);
}
