import {
  acceptedContent,
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type InputRequiredResult,
  inputRequired,
  MissingRequiredClientCapabilityError,
  type RequestStateCodec,
  type ServerContext,
  type ServerNotifier,
} from '@modelcontextprotocol/server';
import { png, wav } from './fixture-content';

export interface FixtureContext {
  request: ServerContext['mcpReq'];
  closeStream?: () => void;
  codec: RequestStateCodec;
  notify?: Pick<ServerNotifier, 'toolsChanged' | 'promptsChanged'>;
}

type Result = CallToolResult | InputRequiredResult;
type Fixture = (given: Record<string, unknown>, context: FixtureContext) => Result | Promise<Result>;

const say = (text: string): CallToolResult => ({ content: [{ type: 'text', text }] });
const pause = () => new Promise((resolve) => setTimeout(resolve, 30));
const form = (properties: Record<string, unknown>, required: string[]) => ({
  type: 'object' as const,
  properties,
  required,
});
const elicit = (message: string, properties: Record<string, unknown>, required = Object.keys(properties)) =>
  inputRequired.elicit({ message, requestedSchema: form(properties, required) } as never);
const nameForm = { name: { type: 'string' } };
const sampling = (text: string) => ({
  messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }],
  maxTokens: 100,
});
const capabilitiesOf = ({ envelope, _meta }: ServerContext['mcpReq']): ClientCapabilities => {
  const carried = { ..._meta, ...envelope } as Record<string, unknown>;
  return (carried[CLIENT_CAPABILITIES_META_KEY] ?? {}) as ClientCapabilities;
};
const has = (request: ServerContext['mcpReq'], key: string) => request.inputResponses?.[key] !== undefined;

/** Asks with the state of a round, and answers once that state comes back. */
const confirmed: Fixture = async (_given, { request, codec }) => {
  if (request.requestState() !== undefined && has(request, 'confirm')) return say('state-ok');
  return inputRequired({
    inputRequests: { confirm: elicit('Please confirm', { ok: { type: 'boolean' } }) },
    requestState: await codec.mint({ round: 1 }),
  });
};

const logs: Fixture = async (_given, { request }) => {
  for (const text of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
    await request.log('info', text);
    await pause();
  }
  return say('Tool with logging executed successfully');
};

const resource = (uri: string, text: string, mimeType = 'text/plain') => ({
  type: 'resource' as const,
  resource: { uri, mimeType, text },
});

/** What the suite calls. Test only: nothing of it is in the bridge. */
export const fixtureTools: Record<string, Fixture> = {
  test_simple_text: () => say('This is a simple text response for testing.'),
  test_image_content: () => ({ content: [{ type: 'image', data: png, mimeType: 'image/png' }] }),
  test_audio_content: () => ({ content: [{ type: 'audio', data: wav, mimeType: 'audio/wav' }] }),
  test_embedded_resource: () => ({
    content: [resource('test://embedded-resource', 'This is an embedded resource content.')],
  }),
  test_multiple_content_types: () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      { type: 'image', data: png, mimeType: 'image/png' },
      resource('test://mixed-content-resource', '{"test":"data","value":123}', 'application/json'),
    ],
  }),
  test_tool_with_logging: logs,
  test_logging_tool: logs,
  test_tool_with_progress: async (_given, { request }) => {
    const progressToken = request._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined) {
        await request.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } });
      }
      await pause();
    }
    return say('done');
  },
  test_error_handling: () => ({ ...say('This tool intentionally returns an error for testing'), isError: true }),
  test_reconnection: async (_given, { closeStream }) => {
    closeStream?.();
    await pause();
    return say('done');
  },
  json_schema_2020_12_tool: () => say('called'),
  test_sampling: async ({ prompt }, { request }) => {
    const { content } = await request.requestSampling(sampling(String(prompt)));
    return say(`LLM response: ${JSON.stringify(content)}`);
  },
  test_elicitation: async ({ message }, { request }) => {
    const requestedSchema = form({ username: { type: 'string' }, email: { type: 'string' } }, ['username', 'email']);
    const { action, content } = await request.elicitInput({ message: String(message), requestedSchema } as never);
    return say(`User response: action=${action}, content=${JSON.stringify(content ?? {})}`);
  },
  test_elicitation_sep1034_defaults: async (_given, { request }) => {
    const requestedSchema = form(
      {
        name: { type: 'string', default: 'John Doe' },
        age: { type: 'integer', default: 30 },
        score: { type: 'number', default: 95.5 },
        status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
        verified: { type: 'boolean', default: true },
      },
      [],
    );
    const { action, content } = await request.elicitInput({ message: 'Review the defaults', requestedSchema } as never);
    return say(`Elicitation completed: action=${action}, content=${JSON.stringify(content ?? {})}`);
  },
  test_elicitation_sep1330_enums: async (_given, { request }) => {
    const titled = [
      { const: 'value1', title: 'First' },
      { const: 'value2', title: 'Second' },
      { const: 'value3', title: 'Third' },
    ];
    const options = ['option1', 'option2', 'option3'];
    const requestedSchema = form(
      {
        untitledSingle: { type: 'string', enum: options },
        titledSingle: { type: 'string', oneOf: titled },
        legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['One', 'Two', 'Three'] },
        untitledMulti: { type: 'array', minItems: 1, maxItems: 3, items: { type: 'string', enum: options } },
        titledMulti: { type: 'array', minItems: 1, maxItems: 3, items: { anyOf: titled } },
      },
      [],
    );
    const { action, content } = await request.elicitInput({ message: 'Select options', requestedSchema } as never);
    return say(`Elicitation completed: action=${action}, content=${JSON.stringify(content ?? {})}`);
  },
  test_missing_capability: (_given, { request }) => {
    if (capabilitiesOf(request).sampling !== undefined) return say('sampling is there');
    throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { sampling: {} } });
  },
  test_streaming_elicitation: async (_given, { request }) => {
    if (has(request, 'user_name')) return say('done');
    return inputRequired({ inputRequests: { user_name: elicit('What is your name?', nameForm) } });
  },
  test_trigger_tool_change: (_given, { notify }) => {
    notify?.toolsChanged();
    return say('changed');
  },
  test_trigger_prompt_change: (_given, { notify }) => {
    notify?.promptsChanged();
    return say('changed');
  },
  test_input_required_result_elicitation: (_given, { request }) => {
    const answer = acceptedContent<{ name?: unknown }>(request.inputResponses, 'user_name');
    if (typeof answer?.name === 'string') return say(`Hello, ${answer.name}!`);
    return inputRequired({ inputRequests: { user_name: elicit('What is your name?', nameForm) } });
  },
  test_input_required_result_sampling: (_given, { request }) => {
    if (has(request, 'capital_question')) return say(JSON.stringify(request.inputResponses?.capital_question));
    const question = inputRequired.createMessage(sampling('What is the capital of France?'));
    return inputRequired({ inputRequests: { capital_question: question } });
  },
  test_input_required_result_list_roots: (_given, { request }) =>
    has(request, 'client_roots')
      ? say(JSON.stringify(request.inputResponses?.client_roots))
      : inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } }),
  test_input_required_result_request_state: confirmed,
  test_input_required_result_tampered_state: confirmed,
  test_input_required_result_multiple_inputs: async (_given, { request, codec }) => {
    if (['user_name', 'greeting', 'client_roots'].every((key) => has(request, key))) return say('all answered');
    return inputRequired({
      inputRequests: {
        user_name: elicit('What is your name?', nameForm),
        greeting: inputRequired.createMessage(sampling('Generate a greeting')),
        client_roots: inputRequired.listRoots(),
      },
      requestState: await codec.mint({ round: 1 }),
    });
  },
  test_input_required_result_multi_round: async (_given, { request, codec }) => {
    const round = (request.requestState() as { round?: number } | undefined)?.round;
    if (round === 2 && has(request, 'step2')) return say('all answered');
    const step1 = elicit('Step 1: What is your name?', nameForm);
    const step2 = elicit('Step 2: What is your favorite color?', { color: { type: 'string' } });
    return round === 1 && has(request, 'step1')
      ? inputRequired({ inputRequests: { step2 }, requestState: await codec.mint({ round: 2 }) })
      : inputRequired({ inputRequests: { step1 }, requestState: await codec.mint({ round: 1 }) });
  },
  test_input_required_result_capabilities: (_given, { request }) => {
    const { sampling: samples, elicitation } = capabilitiesOf(request);
    return inputRequired({
      inputRequests: {
        ...(samples === undefined ? {} : { greeting: inputRequired.createMessage(sampling('Generate a greeting')) }),
        ...(elicitation === undefined ? {} : { user_name: elicit('What is your name?', nameForm) }),
      },
    });
  },
};
