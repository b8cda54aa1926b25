import { createIam } from './aws/iam';
import { createControl } from './control';
import { FaultBoard } from './faults';
import type { FleetSize } from './gitlab/fleet';
import { createGitLab } from './gitlab/server';
import { createModel } from './model/server';
import { createOkta } from './okta/server';
import type { LoadReport } from './panther/cloudtrail-loader';
import type { GuideAlert } from './panther/sample-alerts';
import { SAMPLE_RULES } from './panther/sample-rules';
import { createPanther } from './panther/server';
import { openTenant, type SampleAlerts } from './panther/tenant';
import { type RunningService, type ServiceHandler, startService, type UpgradeHandler } from './service';
import { createSlack } from './slack/server';

export type ServiceName = 'panther' | 'gitlab' | 'slack' | 'model' | 'iam' | 'okta' | 'control';

export interface SandboxOptions {
  /** Folder of CloudTrail files to load instead of the generated tenant. */
  cloudtrail?: string;
  /** Ports by service; any free one where none is given. */
  ports?: Partial<Record<ServiceName, number>>;
  /** Seed of everything that is generated; 1 unless given. */
  seed?: number;
  /** The moment the stories lead up to. When given, the tenant's clock stands still there; else it runs with the real one. */
  baseTime?: Date;
  /** A second GitLab group, `simulated-fleet`, for measurements; none unless given. */
  gitlabFleet?: FleetSize;
  /** Where Slack sends clicks; without it they go to the sockets of Socket Mode. */
  slackRequestUrl?: string;
  /** Credentials to use instead of the fixed simulated ones. */
  credentials?: Partial<SandboxCredentials>;
}

export interface SandboxCredentials {
  pantherToken: string;
  gitlabToken: string;
  slackToken: string;
  slackAppToken: string;
  slackSigningSecret: string;
  modelApiKey: string;
  awsAccessKeyId: string;
  awsSecretAccessKey: string;
  oktaToken: string;
}

const SIMULATED: SandboxCredentials = {
  pantherToken: 'simulated-panther-token',
  gitlabToken: 'simulated-gitlab-token',
  slackToken: 'xoxb-simulated-slack-token',
  slackAppToken: 'xapp-simulated-slack-app-token',
  slackSigningSecret: 'simulated-slack-signing-secret',
  modelApiKey: 'simulated-model-key',
  awsAccessKeyId: 'AKIASIMULATEDSOCRSP1',
  awsSecretAccessKey: 'simulated-aws-secret-access-key',
  oktaToken: 'simulated-okta-token',
};

/** Where the stand-ins listen and how to log in to them. */
export interface SandboxAddresses {
  panther: { url: string; graphql: string; token: string };
  gitlab: { url: string; token: string; group: string; project: string };
  /** `appToken` is for Socket Mode, `apiUrl` for the Slack SDK. */
  slack: {
    url: string;
    apiUrl: string;
    token: string;
    appToken: string;
    signingSecret: string;
    page: string;
    channels: { name: string; id: string }[];
  };
  /** `baseUrl` is what an OpenAI client takes. */
  model: { url: string; baseUrl: string; apiKey: string; name: string };
  /** AWS IAM; `endpoint` in the place of AWS's own address. */
  iam: { url: string; accessKeyId: string; secretAccessKey: string };
  okta: { url: string; token: string };
  control: { url: string };
}

export interface Sandbox extends SandboxAddresses {
  /** ISO 8601 moment that the stories lead up to. */
  baseTime: string;
  sampleAlert: GuideAlert | undefined;
  sampleAlerts: SampleAlerts;
  /** What loading the folder gave; undefined for the generated tenant. */
  report?: LoadReport;
  close(): Promise<void>;
}

/**
 * Starts all stand-ins and the control endpoint on loopback. Rejects, with everything closed again, when a port is in
 * use (the message names it) or the folder cannot be used (FolderError).
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const seed = options.seed ?? 1;
  const baseTime = options.baseTime ?? new Date();
  const clock = options.baseTime ? () => baseTime : () => new Date();
  const credentials = { ...SIMULATED, ...options.credentials };
  const tenant = await openTenant({ folder: options.cloudtrail, seed, baseTime, clock });
  const faults = new FaultBoard();
  const running: RunningService[] = [];
  const closers: (() => void)[] = [];
  const close = async (): Promise<void> => {
    for (const end of closers) end();
    await Promise.all(running.map((service) => service.close()));
    tenant.lake.close();
  };
  try {
    const panther = createPanther({
      lake: tenant.lake,
      seed,
      token: credentials.pantherToken,
      clock,
      alerts: tenant.alerts,
      rules: SAMPLE_RULES,
    });
    // An administrator's token, so that everything can be shown; the settings make it smaller.
    const gitlab = createGitLab({
      seed,
      baseTime,
      token: credentials.gitlabToken,
      fleet: options.gitlabFleet,
      settings: { tokenRole: 'admin', tokenScope: 'api' },
    });
    const slack = createSlack({
      seed,
      baseTime,
      token: credentials.slackToken,
      appToken: credentials.slackAppToken,
      signingSecret: credentials.slackSigningSecret,
    });
    closers.push(slack.close);
    if (options.slackRequestUrl !== undefined)
      Object.assign(slack.interactions.delivery.settings, { requestUrl: options.slackRequestUrl, socketMode: false });
    const model = createModel({ apiKey: credentials.modelApiKey });
    // Requests are signed with the real time, whatever the tenant's clock says.
    const iam = createIam({
      accessKeyId: credentials.awsAccessKeyId,
      secretAccessKey: credentials.awsSecretAccessKey,
      clock: () => new Date(),
    });
    const okta = createOkta({ token: credentials.oktaToken, clock });
    const start = async (name: ServiceName, handler: ServiceHandler, upgrade?: UpgradeHandler): Promise<string> => {
      const service = await startService(name, options.ports?.[name] ?? 0, handler, faults, upgrade);
      running.push(service);
      return service.url;
    };
    const pantherUrl = await start('panther', panther.handler);
    const gitlabUrl = await start('gitlab', gitlab.handler);
    const slackUrl = await start('slack', slack.handler, slack.upgrade);
    slack.listensAt(slackUrl);
    const modelUrl = await start('model', model.handler);
    const iamUrl = await start('iam', iam.handler);
    const oktaUrl = await start('okta', okta.handler);
    const addresses: Omit<SandboxAddresses, 'control'> = {
      panther: { url: pantherUrl, graphql: `${pantherUrl}/public/graphql`, token: credentials.pantherToken },
      gitlab: { url: gitlabUrl, token: credentials.gitlabToken, group: gitlab.group, project: gitlab.project },
      slack: {
        url: slackUrl,
        apiUrl: `${slackUrl}/api/`,
        token: credentials.slackToken,
        appToken: credentials.slackAppToken,
        signingSecret: credentials.slackSigningSecret,
        page: `${slackUrl}/`,
        channels: slack.channels,
      },
      model: { url: modelUrl, baseUrl: `${modelUrl}/v1`, apiKey: credentials.modelApiKey, name: model.model },
      iam: { url: iamUrl, accessKeyId: credentials.awsAccessKeyId, secretAccessKey: credentials.awsSecretAccessKey },
      okta: { url: oktaUrl, token: credentials.oktaToken },
    };
    const control = createControl({
      faults,
      state: () => ({
        ...addresses,
        baseTime: baseTime.toISOString(),
        simulated: options.cloudtrail === undefined,
        rows: tenant.lake.rowCount('panther_logs', 'aws_cloudtrail'),
        ...(tenant.report && { report: tenant.report }),
        settings: panther.settings,
      }),
      requests: {
        panther: panther.requests,
        gitlab: gitlab.requests,
        slack: slack.requests,
        model: model.requests,
        iam: iam.requests,
        okta: okta.requests,
      },
      accounts: () => ({ iam: iam.view(), okta: okta.view() }),
      settings: panther.settings,
      gitlabSettings: gitlab.settings,
      setModelBehaviour: (behaviour) => model.setBehaviour(behaviour),
      slack: slack.control,
      raiseAlert: (given) => panther.raiseAlert(given),
      sampleAlert: tenant.sampleAlert,
      sampleAlerts: tenant.sampleAlerts,
      reset: () => {
        faults.clear();
        for (const service of [panther, gitlab, slack, model, iam, okta]) service.reset();
      },
    });
    // The control endpoint has a board of its own, so that a fault can never lock the tests out.
    const controlService = await startService('control', options.ports?.control ?? 0, control, new FaultBoard());
    running.push(controlService);
    return {
      ...addresses,
      control: { url: controlService.url },
      baseTime: baseTime.toISOString(),
      sampleAlert: tenant.sampleAlert,
      sampleAlerts: tenant.sampleAlerts,
      ...(tenant.report && { report: tenant.report }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
