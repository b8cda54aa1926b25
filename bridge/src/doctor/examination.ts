import type { Operation } from '../../../operations/operation';
import type { Ports, Service } from '../../../operations/ports';
import { serviceName } from '../../../operations/service-call';
import type { BridgeConfig } from '../config';
import { checkAccess } from './access-check';
import { checkAws } from './aws-check';
import type { Check, Finding } from './check';
import { checkDatabase } from './database-check';
import { checkGitLab } from './gitlab-check';
import { checkModel } from './model-check';
import { checkOkta } from './okta-check';
import { checkPanther } from './panther-check';
import { checkSlack } from './slack-check';

/** What the checks look at. */
export interface Examination {
  ports: Ports;
  config: BridgeConfig;
  operations: readonly Operation[];
}

export const examinable = ['panther', 'gitlab', 'slack', 'okta', 'response', 'model', 'access', 'database'] as const;
export type Examinable = (typeof examinable)[number];

const services: Record<Service, (examination: Examination) => Promise<Finding[]>> = {
  panther: checkPanther,
  gitlab: checkGitLab,
  slack: checkSlack,
  okta: checkOkta,
};

/** Looks at one thing. Changes nothing anywhere; at most 15 s. */
export async function examine(what: Examinable, examination: Examination): Promise<Check> {
  const { config } = examination;
  if (what === 'database') return { name: 'Case store', findings: await checkDatabase(config.databaseUrl) };
  if (what === 'access') return { name: 'Access', findings: await checkAccess(examination) };
  if (what === 'model')
    return {
      name: 'Model (second opinions)',
      findings:
        config.model === undefined
          ? [{ level: 'off', text: 'Not set up: MODEL_BASE_URL and MODEL_NAME.' }]
          : await checkModel(examination),
    };
  if (what === 'response') {
    const { aws, enabled } = config.responses;
    const name = 'AWS (responses)';
    if ('missing' in aws)
      return { name, findings: [{ level: 'off', text: `Not set up: ${aws.missing.join(' and ')}.` }] };
    return { name, findings: [...(await checkAws(examination)), ...(enabled ? [] : [switchedOff])] };
  }
  const settings = config.services[what];
  const name = serviceName(what);
  if ('missing' in settings)
    return { name, findings: [{ level: 'off', text: `Not set up: ${settings.missing.join(' and ')}.` }] };
  return { name, findings: await services[what](examination) };
}

const switchedOff: Finding = {
  level: 'warning',
  text: 'Responses are switched off (RESPONSE_ENABLED), so this key is not needed; take it away or switch them on.',
};
