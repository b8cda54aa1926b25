import { randomBytes } from 'node:crypto';
import {
  type CallToolResult,
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { cleanLine, dataNotice, frameAsData } from '../../../operations/text';

/** Runs a tool for a resource: under the same policy and scopes, and on the same record, as a call of the tool itself. */
export type ToolCaller = (
  name: string,
  input: Record<string, unknown>,
  context: Pick<ServerContext, 'mcpReq' | 'http'>,
) => Promise<CallToolResult>;

const address = /^soc:\/\/cases\/(INV-[0-9A-Z]{1,40})(\/report)?$/;
const recentUri = 'soc://cases/recent';
const listed = 20;

/**
 * Cases as resources: the newest ones, each case, and its report. What logs and people wrote is in JSON behind the notice, or
 * in a frame whose name the text cannot know. Names of resources are ids, because titles are foreign text.
 */
export function registerCaseResources(server: Server, call: ToolCaller): void {
  server.registerCapabilities({ resources: {} });
  server.setRequestHandler('resources/templates/list', async () => ({
    resourceTemplates: [
      {
        uriTemplate: 'soc://cases/{id}',
        name: 'case',
        title: 'A case',
        description: `The stored case with verdict, evidence and what was not seen. ${dataNotice.text}`,
        mimeType: 'application/json',
      },
      {
        uriTemplate: 'soc://cases/{id}/report',
        name: 'case-report',
        title: 'The report of a case',
        description: `The incident report as Markdown, framed as data. ${dataNotice.text}`,
        mimeType: 'text/markdown',
      },
    ],
  }));
  server.setRequestHandler('resources/list', async (_request, context) => {
    const answer = await call('list_cases', { limit: listed }, context);
    const recent = {
      uri: recentUri,
      name: 'recent-cases',
      title: 'The newest cases',
      description: `The ${listed} newest cases. ${dataNotice.text}`,
      mimeType: 'application/json',
    };
    // Who may not read cases has none to choose from; an error here would take the other resources with it.
    if (answer.isError) return { resources: [] };
    const { cases } = answer.structuredContent as { cases: { case_id: string; status: string; severity: string }[] };
    return {
      resources: [
        recent,
        ...cases.map(({ case_id, status, severity }) => ({
          uri: `soc://cases/${case_id}`,
          name: case_id,
          description: `${severity}, ${status.replaceAll('_', ' ')}`,
          mimeType: 'application/json',
        })),
      ],
    };
  });
  server.setRequestHandler('resources/read', async ({ params }, context) => {
    const { uri } = params;
    if (uri === recentUri) {
      return contents(uri, 'application/json', textOf(await call('list_cases', { limit: listed }, context), uri));
    }
    const [, case_id, report] = address.exec(uri) ?? [];
    if (case_id === undefined) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no resource ${cleanLine(uri, 100)}`, { uri });
    }
    if (report === undefined)
      return contents(uri, 'application/json', textOf(await call('get_case', { case_id }, context), uri));
    const answer = await call('export_case', { case_id, format: 'markdown' }, context);
    textOf(answer, uri);
    const { content } = answer.structuredContent as { content: string };
    return contents(uri, 'text/markdown', frameAsData(content, randomBytes(8).toString('hex')));
  });
}

/** The text of an answer; an error of the tool is one of the protocol here, and names the address that was asked for (SEP-2164). */
function textOf(answer: CallToolResult, uri: string): string {
  const [first] = answer.content;
  const text = first?.type === 'text' ? first.text : '';
  if (answer.isError) throw new ProtocolError(ProtocolErrorCode.InvalidParams, text, { uri });
  return text;
}

function contents(uri: string, mimeType: string, text: string) {
  return { contents: [{ uri, mimeType, text }] };
}
