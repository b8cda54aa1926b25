import type { ServiceRequest, ServiceResponse } from '../service';
import { paged, type Rule } from './alert-store';
import { HttpError, limit, list } from './rest-answers';
import type { RestContext } from './rest-api';

/** The REST calls about detections; undefined for what is none. `call` is the method and the path with `:id`. */
export function detectionRoute(
  call: string,
  id: string | undefined,
  request: ServiceRequest,
  context: RestContext,
  need: (permission: string) => void,
): ServiceResponse | undefined {
  switch (call) {
    case 'GET rules': {
      need('RuleRead');
      const wanted = request.query.get('name-contains')?.toLowerCase() ?? '';
      const rules = context.rules.filter((rule) => rule.name.toLowerCase().includes(wanted));
      const { items, next } = paged(rules, limit(request, 100, 1000), request.query.get('cursor'), (rule) => rule.id);
      return list(items.map(ruleBody), next);
    }
    case 'GET rules/:id': {
      need('RuleRead');
      const rule = context.rules.find((candidate) => candidate.id === id);
      if (!rule) throw new HttpError(404, `rule not found: ${id}`);
      return { status: 200, body: ruleBody(rule) };
    }
    default:
      return undefined;
  }
}

function ruleBody(rule: Rule): object {
  return {
    id: rule.id,
    displayName: rule.name,
    description: rule.description,
    runbook: rule.runbook,
    severity: rule.severity,
    tags: rule.tags,
    body: rule.body,
    enabled: true,
    logTypes: ['AWS.CloudTrail'],
    dedupPeriodMinutes: 60,
    threshold: 1,
    reports: {},
    tests: [],
  };
}
