import { type INodeProperties, type INodePropertyOptions, SEND_AND_WAIT_OPERATION } from 'n8n-workflow';

import { closeUnansweredOperation } from './close-unanswered';

/** Where the operation stands in the node; n8n reads it from here for the node's twin that reviews tools. */
const resource = 'approval';
const show = { resource: [resource], operation: [SEND_AND_WAIT_OPERATION] };

const options: INodePropertyOptions[] = [
  {
    name: 'Send and Wait for Decision',
    value: SEND_AND_WAIT_OPERATION,
    action: 'Send an approval request and wait for the decision',
    description: 'Asks people in Slack and holds the workflow until one of them decides, or time is up',
    // An AI Agent's own tool cannot wait. The twin for human review, which can, has no choice of operations.
    displayOptions: { hide: { '@tool': [true] } },
  },
  {
    name: 'Close if Unanswered',
    value: closeUnansweredOperation,
    action: 'Close an approval request that nobody answered',
    description:
      'Takes the buttons or the link off a request whose time is up, and says so. Connect it behind Send and Wait for Decision; every item is passed on as it is. The SOC bridge closes its requests by itself.',
    displayOptions: { hide: { '@tool': [true] } },
  },
];

/**
 * The node's parameters with the operation that waits. It is no operation of the shared layer: waiting is n8n's own. The
 * names of the fields are those that n8n looks for when it makes the twin `SocSlackHitlTool`, which stands between an AI
 * Agent and its tools.
 */
export function withSendAndWait(parameters: INodeProperties[]): INodeProperties[] {
  const [resources, ...others] = parameters;
  if (resources === undefined) return parameters;
  const known = (resources.options ?? []) as INodePropertyOptions[];
  const withResource = known.some(({ value }) => value === resource)
    ? resources
    : { ...resources, options: byName([...known, { name: 'Approval', value: resource }]) };
  const isOurs = ({ name, displayOptions }: INodeProperties) =>
    name === 'operation' && displayOptions?.show?.resource?.includes(resource) === true;
  if (others.some(isOurs)) {
    const extended = others.map((parameter) =>
      isOurs(parameter)
        ? { ...parameter, options: byName([...((parameter.options ?? []) as INodePropertyOptions[]), ...options]) }
        : parameter,
    );
    return [withResource, ...extended, ...fields];
  }
  return [withResource, operation, ...others, ...fields];
}

function byName(options: INodePropertyOptions[]): INodePropertyOptions[] {
  return options.sort((a, b) => a.name.localeCompare(b.name));
}

const operation: INodeProperties = {
  displayName: 'Operation',
  name: 'operation',
  type: 'options',
  noDataExpression: true,
  displayOptions: { show: { resource: [resource] } },
  options: byName([...options]),
  default: SEND_AND_WAIT_OPERATION,
};

const fields: INodeProperties[] = [
  {
    displayName: 'Message',
    name: 'message',
    type: 'string',
    typeOptions: { rows: 4 },
    default: '',
    required: true,
    placeholder: 'e.g. The key was used from two countries within a minute',
    description:
      'Why it should be done, in plain words. Shown literally and marked as unchecked; it is no part of what is approved.',
    displayOptions: { show },
  },
  {
    displayName: 'Response Type',
    name: 'responseType',
    type: 'hidden',
    default: 'approval',
    displayOptions: { show },
  },
  {
    displayName: 'Approval Request',
    name: 'approvalRequest',
    type: 'json',
    default: '',
    placeholder: 'e.g. {{ $json.approval_request }}',
    description:
      'What Plan Response gave as approval_request, whole: action, target, arguments, case and title come from it, and the three fields below stay empty. Asked about once, however often the workflow runs. Needs the SOC bridge.',
    displayOptions: { show },
  },
  {
    displayName: 'Action Name',
    name: 'actionName',
    type: 'string',
    default: '',
    placeholder: 'e.g. iam_deactivate_access_key',
    description:
      'What is done once it is approved. In front of a tool of an AI Agent, leave it empty: the tool is named.',
    displayOptions: { show },
  },
  {
    displayName: 'Target',
    name: 'target',
    type: 'string',
    default: '',
    placeholder: 'e.g. AKIAEXAMPLE of user deploy',
    description: 'To whom or what it is done',
    displayOptions: { show },
  },
  {
    displayName: 'Arguments',
    name: 'actionArguments',
    type: 'json',
    default: '{}',
    description:
      'Everything else that decides what happens. In front of a tool of an AI Agent, leave it empty: the arguments of the tool are shown.',
    displayOptions: { show },
  },
  {
    displayName: 'Approvers',
    name: 'approvers',
    type: 'string',
    default: '',
    placeholder: 'e.g. U012AB3CD, S045EF6GH',
    description:
      'IDs of Slack users (U, W) and user groups (S) who may decide, with commas between them. Needed without a SOC bridge; with one, they narrow the approvers set up there.',
    displayOptions: { show },
  },
  {
    displayName: 'Answer With',
    name: 'answerWith',
    type: 'options',
    options: [
      {
        name: 'Buttons',
        value: 'buttons',
        description: 'Slack tells who clicked. Needs the SOC bridge, or an active workflow with SOC Slack Trigger.',
      },
      {
        name: 'Link Without Identity',
        value: 'link',
        description: 'A page of n8n asks for the decision. Whoever has the link can decide, and nobody knows who did.',
      },
    ],
    default: 'buttons',
    description: 'How the people asked give their answer',
    displayOptions: { show },
  },
  {
    displayName: 'Approval Options',
    name: 'approvalOptions',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    options: [
      {
        displayName: 'Ask for a Reason on Denial',
        name: 'askReason',
        type: 'boolean',
        default: true,
        description:
          'Whether a denial asks for the reason, which the workflow gets as data.chatInput. With a SOC bridge it always does.',
      },
      {
        displayName: 'Minimum Approvals',
        name: 'minApprovals',
        type: 'number',
        typeOptions: { minValue: 1, maxValue: 10, numberPrecision: 0 },
        default: 1,
        description:
          'How many different people have to approve; one denial ends it. More than one needs the SOC bridge.',
      },
      {
        displayName: 'Requested By',
        name: 'requestedBy',
        type: 'string',
        default: '',
        placeholder: 'e.g. U012AB3CD',
        description: 'Slack user ID of the person for whom the workflow asks. This person cannot decide.',
      },
    ],
    displayOptions: { show },
  },
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    options: [
      {
        displayName: 'Case ID',
        name: 'caseId',
        type: 'string',
        default: '',
        placeholder: 'e.g. INV-01ABC',
        description: 'Case that the action belongs to; shown on the request',
      },
      {
        displayName: 'Channel',
        name: 'channel',
        type: 'string',
        default: '',
        placeholder: 'e.g. #soc-approvals',
        description:
          'Name or ID of the channel to ask in. Unless given: the default channel of the credential, or the channel set up on the bridge.',
      },
      {
        displayName: 'Expires After Minutes',
        name: 'expiresAfterMinutes',
        type: 'number',
        typeOptions: { minValue: 0.05, maxValue: 10080, numberPrecision: 2 },
        default: 60,
        description:
          'Time to decide, up to 10080 (a week). Unanswered, the result has the status timed_out and is no approval.',
      },
    ],
    displayOptions: { show },
  },
];
