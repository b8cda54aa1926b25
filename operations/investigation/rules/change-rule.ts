import type { ChangeFinding } from '../change-findings';
import type { Severity } from '../evidence';
import { plainName } from '../principal';
import type { EvidenceRule, Finding, RuleContext } from './rule';

/**
 * What happened in the same hours in repositories that nobody of the case has to do with is context: it is shown, and can
 * neither decide nor keep a case open.
 */
const unrelatedFactor = 0.35;
const unrelatedMost = 0.9;
/** A finding that rests on texts the committer writes. */
const uncertainFactor = 0.4;

interface ChangeRule {
  name: string;
  group: string;
  weight: number;
  severity: Severity;
  techniques: string[];
  /** Which list of the context is looked at. */
  list: 'reviews' | 'audit' | 'supplyChain';
  /** Factor of the weight; undefined when the finding is none of this rule. */
  match(finding: ChangeFinding): number | undefined;
  /** What was found, after `group/project!12: `. Never text of a log. */
  says: string;
}

/** Names of the people and principals that the alert and the calls are about. */
export function peopleOf(context: RuleContext): Set<string> {
  const named = context.alert.entities
    .filter(({ type }) => type === 'user' || type === 'email' || type === 'aws_arn')
    .map(({ value }) => plainName(value.split('/').at(-1) ?? value));
  const acting = context.events.map(({ principal }) => (principal.kind === 'user' ? plainName(principal.name) : ''));
  return new Set([...named, ...acting].filter((name) => name.length >= 3));
}

function isRelated(finding: ChangeFinding, context: RuleContext, people: ReadonlySet<string>): boolean {
  const repositories = context.alert.entities
    .filter(({ type }) => type === 'repository')
    .map(({ value }) => value.toLowerCase());
  const project = finding.where.split(/[!@]/)[0]?.toLowerCase() ?? '';
  return (
    finding.people.some((name) => people.has(plainName(name))) || (project !== '' && repositories.includes(project))
  );
}

/**
 * A hostile rule over findings of GitLab's operations: one finding of each rule, about the strongest match, whatever the number
 * of merge requests. All of one group share one principal, so that a busy week of a project counts as one source.
 */
export function changeRule(rule: ChangeRule): EvidenceRule {
  const { name, group, weight, techniques } = rule;
  return {
    name,
    family: 'hostile',
    group,
    weight,
    techniques,
    find(context) {
      const people = peopleOf(context);
      const hits = context[rule.list].flatMap((finding) => {
        const factor = rule.match(finding);
        if (factor === undefined || factor <= 0) return [];
        const full = weight * factor * (finding.uncertain ? uncertainFactor : 1);
        const related = isRelated(finding, context, people);
        return [{ finding, related, size: related ? full : Math.min(full * unrelatedFactor, unrelatedMost) }];
      });
      const strongest = Math.max(0, ...hits.map(({ size }) => size));
      if (strongest === 0) return [];
      const shown = hits.filter(({ size }) => size === strongest);
      const places = [...new Set(shown.map(({ finding }) => finding.where))];
      const isOfTheCase = shown.some(({ related }) => related);
      const whose = isOfTheCase ? 'by or for somebody of this case' : 'by nobody of this case';
      const more = places.length > 3 ? ` and ${places.length - 3} more` : '';
      const found: Finding = {
        rule: name,
        family: 'hostile',
        group,
        principal: 'gitlab',
        weight: strongest,
        severity: rule.severity,
        // What nobody of the case did is no technique of this attack, and nothing to predict its next step from.
        techniques: isOfTheCase ? techniques : [],
        statement: `${rule.says} (${places.slice(0, 3).join(', ')}${more}; ${whose}).`,
        cited: hits.slice(0, 100).map(({ finding }) => ({
          ref: finding.ref,
          at: finding.at,
          lastAt: finding.at,
          label:
            rule.list === 'reviews'
              ? 'review_merge_request_and_pipeline'
              : rule.list === 'audit'
                ? 'list_audit_events'
                : 'monitor_supply_chain_changes',
          queryId: null,
          source: finding.source,
          row: finding.row,
        })),
      };
      return [found];
    },
  };
}
