import { isObject, textOf } from '../cloud-event';
import { baseCallName } from '../sensitive-calls';
import { listAt, requested } from './request-fields';
import { byPrincipal, callRule, cite, densest, type EvidenceRule, type Finding } from './rule';

/** Commands or shells on machines through the cloud. ATT&CK T1651, T1021.007; Stratus ssm-send-command, -start-session. */
export const remoteCommand = callRule({
  name: 'remote_command_or_shell',
  group: 'execution',
  weight: 1.6,
  severity: 'HIGH',
  techniques: ['T1651'],
  match(event) {
    if (
      event.service === 'ssm' &&
      /^(?:SendCommand|StartSession|ResumeSession|StartAutomationExecution)$/.test(event.name)
    ) {
      const document = requested(event, 'documentName');
      const machines = listAt(event.request, 'instanceIds').length;
      const where = machines > 1 ? ` on ${machines} machines` : '';
      return {
        what: `ran ${document === '' ? 'a session' : document} by ${event.name}${where}`,
        factor: machines >= 5 ? 1.4 : 1,
      };
    }
    if (/^Send(?:SerialConsole)?SSHPublicKey$/.test(event.name)) {
      return { what: `put a login key on machine ${requested(event, 'instanceId')}`, techniques: ['T1021.004'] };
    }
    return event.name === 'EnableSerialConsoleAccess' ? { what: 'enabled serial consoles', factor: 0.7 } : undefined;
  },
});

/** The start script of a machine replaced, to be run as administrator. Stratus ec2-user-data. ATT&CK T1059. */
export const startScriptChanged = callRule({
  name: 'start_script_changed',
  group: 'execution',
  weight: 2.3,
  severity: 'HIGH',
  techniques: ['T1059'],
  match: (event) =>
    event.name === 'ModifyInstanceAttribute' &&
    (event.request.userData !== undefined || requested(event, 'attribute') === 'userData')
      ? { what: `replaced the start script of machine ${requested(event, 'instanceId')}` }
      : undefined,
});

/** Code of functions or notebooks changed outside a pipeline. ATT&CK T1648, T1525; Stratus lambda-overwrite-code. */
export const codeChanged = callRule({
  name: 'deployed_code_changed',
  group: 'execution',
  weight: 1.5,
  severity: 'MEDIUM',
  techniques: ['T1648'],
  match(event) {
    const name = baseCallName(event.name);
    const target = requested(event, 'functionName');
    if (event.service === 'lambda' && name === 'UpdateFunctionCode')
      return { what: `replaced the code of function ${target}` };
    if (
      event.service === 'lambda' &&
      name === 'UpdateFunctionConfiguration' &&
      listAt(event.request, 'layers').length > 0
    ) {
      return { what: `put a layer under function ${target}` };
    }
    return event.service === 'sagemaker' && /^(?:Update|Create)NotebookInstanceLifecycleConfig$/.test(event.name)
      ? { what: `changed the start script of notebooks by ${event.name}` }
      : undefined;
  },
});

/** Graphics machines or many machines at once: what mining needs. ATT&CK T1496.001; Stratus ec2-launch-unusual-instances. */
export const computeHijack = callRule({
  name: 'unusual_machines_started',
  group: 'impact',
  weight: 2.7,
  severity: 'HIGH',
  techniques: ['T1496.001'],
  match(event) {
    if (event.name !== 'RunInstances') return undefined;
    const type = requested(event, 'instanceType');
    const counts = listAt(event.request, 'instancesSet')
      .filter(isObject)
      .map((item) => Number(textOf(item.maxCount) ?? 1));
    const most = Math.max(1, ...counts.filter(Number.isFinite));
    const large =
      /^(?:p[2-9]|g[3-9]|inf|trn|dl)[a-z0-9]*\./.test(type) || /\.(?:24xlarge|32xlarge|48xlarge|metal)/.test(type);
    if (!large && most < 10) return undefined;
    return { what: `started up to ${most} machines of type ${type}`, factor: large ? 1 : 0.6 };
  },
});

const destructive =
  /^(?:DeleteBucket|DeleteObjects|DeleteDBInstance|DeleteDBCluster|DeleteDBSnapshot|DeleteSnapshot|DeleteVolume|DeleteTable|DeleteFileSystem|DeleteBackupVault|DeleteRecoveryPoint|TerminateInstances|ScheduleKeyDeletion|DisableKey|DeleteObject|DeleteSecret)$/;

/** Many stores or backups deleted within half an hour. ATT&CK T1485, T1490; Stratus s3-ransomware-*. */
export const massDeletion: EvidenceRule = {
  name: 'mass_deletion',
  family: 'hostile',
  group: 'impact',
  weight: 2.3,
  techniques: ['T1485'],
  find(context) {
    const deletes = context.events.filter((event) => destructive.test(event.name) && !event.viaService);
    return [...byPrincipal(deletes).values()].flatMap((events): Finding[] => {
      // Clearing away what one has made oneself in the window is tidying up.
      const made = context.events.filter((event) => /^(?:Create|Run)/.test(event.name) && event.error === null);
      const own = made.filter((event) => event.principal.key === events[0]?.principal.key).length;
      const burst = densest(events, 30);
      const first = burst[0];
      if (first === undefined || burst.length < 10) return [];
      return [
        {
          rule: 'mass_deletion',
          family: 'hostile',
          group: 'impact',
          principal: first.principal.key,
          weight: 2.3 * (own * 2 >= burst.length ? 0.3 : 1),
          severity: 'CRITICAL',
          techniques: ['T1485'],
          statement: `${first.principal.label} deleted or disabled stores, machines, keys or backups ${burst.length} times within 30 minutes.`,
          cited: burst.map(cite),
        },
      ];
    });
  },
};

/** Keys and protections that keep data recoverable, taken away. ATT&CK T1485, T1486, T1490. */
export const recoveryWeakened = callRule({
  name: 'recovery_weakened',
  group: 'impact',
  weight: 1.5,
  severity: 'HIGH',
  techniques: ['T1490'],
  match(event) {
    if (event.service === 'kms' && /^(?:ScheduleKeyDeletion|DisableKey)$/.test(event.name)) {
      return { what: `took an encryption key out of use by ${event.name}`, techniques: ['T1485'] };
    }
    if (event.name === 'PutBucketVersioning' && JSON.stringify(event.request).includes('Suspended')) {
      return { what: `stopped keeping old versions in bucket ${requested(event, 'bucketName')}` };
    }
    return event.name === 'DeleteDBInstance' && event.request.skipFinalSnapshot === true
      ? { what: 'deleted a database without a last copy', techniques: ['T1485'] }
      : undefined;
  },
});

/** Paid services that stolen accounts are used for: models and bulk mail. ATT&CK T1496.004; Stratus bedrock-invoke-model. */
export const serviceHijack = callRule({
  name: 'paid_service_abuse',
  group: 'impact',
  weight: 1.3,
  severity: 'MEDIUM',
  techniques: ['T1496.004'],
  match(event) {
    if (
      event.service === 'bedrock' &&
      /^(?:InvokeModel|Converse|PutUseCaseForModelAccess|PutFoundationModelEntitlement|CreateFoundationModelAgreement)/.test(
        event.name,
      )
    ) {
      return { what: `used or unlocked language models by ${event.name}`, factor: event.denied ? 1.2 : 1 };
    }
    return event.service === 'ses' &&
      /^(?:UpdateAccountSendingEnabled|VerifyEmailIdentity|VerifyDomainIdentity|PutAccountDetails)$/.test(event.name)
      ? { what: `prepared bulk mail by ${event.name}` }
      : undefined;
  },
});
