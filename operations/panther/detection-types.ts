/** The kinds of detection, in the order they are read. */
export const detectionTypes = ['rule', 'scheduled_rule', 'simple_rule', 'policy', 'correlation_rule'] as const;
export type DetectionType = (typeof detectionTypes)[number];

interface DetectionKind {
  /** In Panther's REST API. */
  path: string;
  /** For texts. */
  noun: string;
  read: 'RuleRead' | 'PolicyRead';
  modify: 'RuleModify' | 'PolicyModify';
  /** What it looks at, and whether Panther can filter its list by that. */
  subject: 'log_types' | 'resource_types' | 'queries';
  filtersLogTypes: boolean;
}

const rules = { read: 'RuleRead', modify: 'RuleModify' } as const;

export const detectionKinds: Record<DetectionType, DetectionKind> = {
  rule: { ...rules, path: '/rules', noun: 'rule', subject: 'log_types', filtersLogTypes: true },
  scheduled_rule: {
    ...rules,
    path: '/scheduled-rules',
    noun: 'scheduled rule',
    subject: 'queries',
    filtersLogTypes: false,
  },
  simple_rule: { ...rules, path: '/simple-rules', noun: 'simple rule', subject: 'log_types', filtersLogTypes: true },
  policy: {
    path: '/policies',
    noun: 'policy',
    read: 'PolicyRead',
    modify: 'PolicyModify',
    subject: 'resource_types',
    filtersLogTypes: false,
  },
  correlation_rule: {
    ...rules,
    path: '/correlation-rules',
    noun: 'correlation rule',
    subject: 'log_types',
    filtersLogTypes: false,
  },
};

export const severities = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFO'] as const;
