import type { CloudEvent } from '../cloud-event';
import { baseCallName } from '../sensitive-calls';
import { isOutside, listAt, requested, shortName } from './request-fields';
import { byPrincipal, callRule, cite, densest, type EvidenceRule, type Finding, isRoutine } from './rule';

/** AWS's own documents that run whatever text they are given; nobody else can take these names. */
const anyCommand = /^AWS-Run(?:ShellScript|PowerShellScript|RemoteScript|SaltState|Document)$/;

/** Commands or shells on machines through the cloud. ATT&CK T1651, T1021.007; Stratus ssm-send-command, -start-session. */
export const remoteCommand = callRule({
  name: 'remote_command_or_shell',
  group: 'execution',
  weight: 1.6,
  severity: 'HIGH',
  techniques: ['T1651'],
  refused: 0.25,
  // Commands for machines that are not there come from scripts that try one after the other.
  tried: 0.85,
  match(event) {
    if (
      event.service === 'ssm' &&
      /^(?:SendCommand|StartSession|ResumeSession|StartAutomationExecution|CreateAssociation)$/.test(event.name)
    ) {
      const document = requested(event, 'documentName') || requested(event, 'name');
      const machines = listAt(event.request, 'instanceIds').length;
      const where = machines > 1 ? ` on ${machines} machines` : '';
      return {
        what: `ran ${document === '' ? 'a session' : document} by ${event.name}${where}`,
        factor: anyCommand.test(document) ? 1.65 : machines >= 2 ? 1.4 : 1,
      };
    }
    if (event.service === 'ecs' && event.name === 'ExecuteCommand') {
      return { what: 'opened a shell in a container', techniques: ['T1609'] };
    }
    if (/^Send(?:SerialConsole)?SSHPublicKey$/.test(event.name)) {
      const serial = event.name === 'SendSerialConsoleSSHPublicKey';
      const what = `put a login key on ${serial ? 'the serial console of ' : ''}machine ${requested(event, 'instanceId')}`;
      // The serial console passes by security groups and by the agents that watch logins.
      return { what, factor: serial ? 1.5 : 1, techniques: ['T1021.004'] };
    }
    return event.name === 'EnableSerialConsoleAccess' ? { what: 'enabled serial consoles', factor: 0.7 } : undefined;
  },
});

/** The machine or container that a shell or a login key was for; empty when the call names none. */
function machineOf(event: CloudEvent): string {
  return requested(event, 'target') || requested(event, 'instanceId') || requested(event, 'task');
}

/** Shells or login keys on several machines within 10 minutes: moving from one to the next. ATT&CK T1021.007, T1021.004. */
export const shellsOnSeveralMachines: EvidenceRule = {
  name: 'shells_on_several_machines',
  family: 'hostile',
  group: 'execution',
  weight: 2.3,
  techniques: ['T1021.007'],
  find(context) {
    const shells = context.events.filter(
      (event) =>
        /^(?:StartSession|ResumeSession|SendSSHPublicKey|SendSerialConsoleSSHPublicKey|ExecuteCommand)$/.test(
          event.name,
        ) &&
        machineOf(event) !== '' &&
        !event.viaService,
    );
    return [...byPrincipal(shells).values()].flatMap((events): Finding[] => {
      const burst = densest(events, 10);
      const first = burst[0];
      const machines = new Set(burst.map(machineOf));
      if (first === undefined || machines.size < 2) return [];
      const profile = context.profiles.get(first.principal.key);
      const factor = burst.every((event) => isRoutine(profile, event)) ? 0.3 : 1;
      return [
        {
          rule: 'shells_on_several_machines',
          family: 'hostile',
          group: 'execution',
          principal: first.principal.key,
          weight: 2.3 * factor,
          severity: 'HIGH',
          techniques: ['T1021.004', 'T1021.007'],
          statement: `${first.principal.label} opened shells or put login keys on ${machines.size} machines within 10 minutes (${burst.length} calls).`,
          cited: burst.map(cite),
        },
      ];
    });
  },
};

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

/** Roles belong to pipelines more often than not: what they deploy is expected, what people deploy by hand is not. */
function byHand(event: CloudEvent): number {
  return event.principal.kind === 'role' || event.principal.kind === 'service' ? 0.6 : 1.55;
}

/** Code of functions or notebooks changed outside a pipeline. ATT&CK T1648, T1525; Stratus lambda-overwrite-code. */
export const codeChanged = callRule({
  name: 'deployed_code_changed',
  group: 'execution',
  weight: 1.5,
  severity: 'MEDIUM',
  techniques: ['T1648'],
  refused: 0.25,
  match(event) {
    const name = baseCallName(event.name);
    const target = shortName(requested(event, 'functionName'));
    if (event.service === 'lambda' && name === 'UpdateFunctionCode')
      return { what: `replaced the code of function ${target}`, factor: byHand(event) };
    if (event.service === 'lambda' && name === 'UpdateFunctionConfiguration') {
      const layers = listAt(event.request, 'layers').map(String);
      const foreign = layers.some((layer) => isOutside(layer.split(':')[4] ?? '', event.account));
      return layers.length === 0
        ? undefined
        : {
            what: `put a layer ${foreign ? 'of another account ' : ''}under function ${target}`,
            factor: foreign ? 1.6 : byHand(event),
          };
    }
    return event.service === 'sagemaker' && /^(?:Update|Create)NotebookInstanceLifecycleConfig$/.test(event.name)
      ? { what: `changed the start script of notebooks by ${event.name}`, factor: 1.5 }
      : undefined;
  },
});
