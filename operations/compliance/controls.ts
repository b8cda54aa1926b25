import type { PopulationName } from './populations';
import { shapeOf } from './populations';
import { judgedMergeRequests } from './rules/changes';
import { type ControlName, cell, controlNames, type RuleInput } from './rules/rule';

export const controlStates = ['tested', 'partly_tested', 'not_tested'] as const;
export const controlResults = ['exceptions', 'leads', 'nothing_found', 'no_cases', 'unknown'] as const;

interface Control {
  title: string;
  /** What it is meant to show, for an auditor. */
  aim: string;
  group: 'access' | 'change' | 'operations';
  /** Populations it rests on. */
  rests: readonly PopulationName[];
  /** Rows that it could not judge, in words; null when there are none. */
  unjudged?(input: RuleInput): string | null;
}

export const controls: Record<ControlName, Control> = {
  access_after_hours: {
    title: 'Access outside business hours',
    aim: 'People at work outside of business hours on their own clock; leads, to be asked about.',
    group: 'access',
    rests: ['activity'],
  },
  access_privileged: {
    title: 'Privileged access',
    aim: 'Administrator rights, rights given to oneself, credentials made for others.',
    group: 'access',
    rests: ['privileged'],
  },
  access_failed: {
    title: 'Failed access',
    aim: 'Sign-ins that failed often within an hour, and calls that were refused often; leads.',
    group: 'access',
    rests: ['sign_ins', 'denied'],
  },
  access_root: {
    title: 'Use of root',
    aim: 'Root is for emergencies: each account and day on which it worked.',
    group: 'access',
    rests: ['root'],
  },
  access_mfa: {
    title: 'Second factor',
    aim: 'Sign-ins to AWS with a password alone, and second factors that were taken away. Federated sign-ins and those to Okta leave the second factor to the identity provider: they are in the population and not judged.',
    group: 'access',
    rests: ['sign_ins', 'privileged'],
    unjudged: ({ populations }) =>
      counted(
        populations.sign_ins.filter(
          (row) =>
            cell(row, 'result') === 'success' && cell(row, 'mfa') === 'unknown' && cell(row, 'federated') === 'no',
        ).length,
        'sign-in does not tell whether there was a second factor',
        'sign-ins do not tell whether there was a second factor',
      ),
  },
  change_segregation_of_duties: {
    title: 'Segregation of duties',
    aim: 'Nobody approves what they wrote themselves, and nothing is merged without an approval.',
    group: 'change',
    rests: ['merge_requests'],
    unjudged: (input) =>
      counted(
        judgedMergeRequests(input).filter(
          (row) => cell(row, 'approval_data') === 'unavailable' || cell(row, 'commits_read') !== 'yes',
        ).length,
        'merge request whose approvals or commits could not be read',
        'merge requests whose approvals or commits could not be read',
      ),
  },
  change_approval_before_last_change: {
    title: 'Approval of what was merged',
    aim: 'The last approval is later than the last change of the code.',
    group: 'change',
    rests: ['merge_requests'],
    unjudged: (input) =>
      counted(
        judgedMergeRequests(input).filter(
          (row) =>
            cell(row, 'approval_data') === 'unavailable' ||
            (cell(row, 'approved_by') !== '' &&
              (cell(row, 'approval_times') !== 'known' || cell(row, 'last_changed_at') === '')),
        ).length,
        'merge request whose times of approval or of pushes are not known',
        'merge requests whose times of approval or of pushes are not known',
      ),
  },
  change_direct_push: {
    title: 'Direct pushes',
    aim: 'Everything on a default branch came there by a merge request.',
    group: 'change',
    rests: ['pushes'],
    unjudged: ({ populations }) =>
      counted(
        populations.pushes.filter((row) => cell(row, 'looked_up') !== 'yes').length,
        'push that GitLab could not be asked about',
        'pushes that GitLab could not be asked about',
      ),
  },
  change_settings: {
    title: 'Settings of change control',
    aim: 'Changes of approval rules, protected branches and push rules, each to be held against a request.',
    group: 'change',
    rests: ['setting_changes'],
  },
  change_deployment: {
    title: 'Deployments',
    aim: 'What is deployed to the named environments is in a merge request that was merged before.',
    group: 'change',
    rests: ['deployments'],
    unjudged: ({ populations, settings }) =>
      counted(
        populations.deployments.filter(
          (row) => settings.environments.includes(cell(row, 'environment')) && cell(row, 'looked_up') !== 'yes',
        ).length,
        'deployment that GitLab could not be asked about',
        'deployments that GitLab could not be asked about',
      ),
  },
  operations_log_gaps: {
    title: 'Completeness of logs',
    aim: 'Hours in which nothing of a log was received.',
    group: 'operations',
    rests: ['log_hours'],
  },
  operations_log_changes: {
    title: 'Changes of logging',
    aim: 'Recording and detection that was stopped, deleted or changed.',
    group: 'operations',
    rests: ['log_changes'],
  },
};

function counted(count: number, one: string, many: string): string | null {
  return count === 0 ? null : `${count} ${count === 1 ? one : many}`;
}

/** How much of a population there is. */
export interface PopulationStanding {
  name: PopulationName;
  state: 'complete' | 'partial' | 'unread';
  rows: number;
  problems: readonly string[];
}

export interface ControlOutcome {
  control: ControlName;
  state: (typeof controlStates)[number];
  result: (typeof controlResults)[number];
  /** Rows of the populations that it rests on. */
  cases: number;
  exceptions: number;
  leads: number;
  /** What keeps it from being tested in full; empty when it was. */
  why: string[];
}

/** What each control came to. Nothing found in what could not be read, or in nothing, is never a control that held. */
export function controlOutcomes(
  input: RuleInput,
  standings: readonly PopulationStanding[],
  found: readonly { control: string; class: string }[],
): ControlOutcome[] {
  return controlNames.map((control) => {
    const { rests, unjudged } = controls[control];
    const parts = standings.filter(({ name }) => rests.includes(name));
    const why = parts.flatMap(({ name, problems }) => problems.map((problem) => `${shapeOf(name).title}: ${problem}`));
    const left = unjudged?.(input) ?? null;
    if (left !== null) why.push(`Not judged: ${left}.`);
    const state = parts.every((part) => part.state === 'unread')
      ? 'not_tested'
      : why.length > 0 || parts.some((part) => part.state !== 'complete')
        ? 'partly_tested'
        : 'tested';
    const own = found.filter((one) => one.control === control);
    const exceptions = own.filter((one) => one.class === 'exception').length;
    const leads = own.length - exceptions;
    const cases = parts.reduce((sum, { rows }) => sum + rows, 0);
    const result =
      exceptions > 0
        ? 'exceptions'
        : leads > 0
          ? 'leads'
          : state === 'not_tested'
            ? 'unknown'
            : cases === 0
              ? 'no_cases'
              : 'nothing_found';
    return { control, state, result, cases, exceptions, leads, why };
  });
}
