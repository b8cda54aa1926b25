import type { GetPromptResult, ReadResourceResult, Tool } from '@modelcontextprotocol/server';

/** One red pixel. */
export const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
/** A WAV file of no length. */
export const wav = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=';

/** The schema that the suite wants to see again, keyword by keyword. */
export const schema202012 = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
} as unknown as Tool['inputSchema'];

const text = (uri: string, content: string, mimeType = 'text/plain') => ({
  contents: [{ uri, mimeType, text: content }],
});

const resources: Record<string, { name: string; mimeType: string; read: (uri: string) => ReadResourceResult }> = {
  'test://static-text': {
    name: 'static-text',
    mimeType: 'text/plain',
    read: (uri) => text(uri, 'This is the content of the static text resource.'),
  },
  'test://static-binary': {
    name: 'static-binary',
    mimeType: 'image/png',
    read: (uri) => ({ contents: [{ uri, mimeType: 'image/png', blob: png }] }),
  },
  'test://watched-resource': {
    name: 'watched-resource',
    mimeType: 'text/plain',
    read: (uri) => text(uri, 'Watched'),
  },
};

export const resourceList = Object.entries(resources).map(([uri, { name, mimeType }]) => ({ uri, name, mimeType }));
export const templateList = [
  { uriTemplate: 'test://template/{id}/data', name: 'template', mimeType: 'application/json' },
];

/** Undefined for what is not there. */
export function readFixture(uri: string): ReadResourceResult | undefined {
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id !== undefined)
    return text(uri, JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }), 'application/json');
  return resources[uri]?.read(uri);
}

const required = (name: string, description: string) => ({ name, description, required: true });

export const promptList = [
  { name: 'test_simple_prompt', description: 'A prompt' },
  {
    name: 'test_prompt_with_arguments',
    description: 'A prompt with arguments',
    arguments: [required('arg1', 'First'), required('arg2', 'Second')],
  },
  {
    name: 'test_prompt_with_embedded_resource',
    description: 'A prompt with a resource',
    arguments: [required('resourceUri', 'What to embed')],
  },
  { name: 'test_prompt_with_image', description: 'A prompt with an image' },
  { name: 'test_input_required_result_prompt', description: 'A prompt that asks back' },
];

/** Undefined for a prompt that is not there. */
export function promptFixture(name: string, given: Record<string, string>): GetPromptResult | undefined {
  const user = (content: GetPromptResult['messages'][number]['content']) => ({ role: 'user' as const, content });
  switch (name) {
    case 'test_simple_prompt':
      return { messages: [user({ type: 'text', text: 'This is a simple prompt for testing.' })] };
    case 'test_prompt_with_arguments':
      return {
        messages: [user({ type: 'text', text: `Prompt with arguments: arg1='${given.arg1}', arg2='${given.arg2}'` })],
      };
    case 'test_prompt_with_embedded_resource':
      return {
        messages: [
          user({
            type: 'resource',
            resource: {
              uri: given.resourceUri ?? '',
              mimeType: 'text/plain',
              text: 'Embedded resource content for testing.',
            },
          }),
          user({ type: 'text', text: 'Please process the embedded resource above.' }),
        ],
      };
    case 'test_prompt_with_image':
      return {
        messages: [
          user({ type: 'image', data: png, mimeType: 'image/png' }),
          user({ type: 'text', text: 'Please analyze the image above.' }),
        ],
      };
    default:
      return undefined;
  }
}
