import { z } from 'zod';
import { OperationError } from '../../../operations/errors';
import type { ModelPort, ModelQuestion } from '../../../operations/ports';
import { guardedAgents } from './guarded-agents';
import { refusePrivateLiteral } from './guarded-lookup';

/** An OpenAI-compatible endpoint: where it is, its key (local servers need none), and the model to ask for. */
export interface ModelConfig {
  /** With its version, e.g. `https://api.example.com/v1`; without a trailing slash. */
  baseUrl: string;
  apiKey: string | undefined;
  model: string;
}

const maxAnswer = 256 * 1024;
const answerSchema = z.object({ choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1) });

/**
 * Asks the configured model, and no other address: no redirect is followed, private networks are refused unless allowed, and
 * one question has one try within its time. Rejects with OperationError; the key is in no message.
 */
export function createModelPort(config: ModelConfig, allowPrivateNetwork: boolean): ModelPort & { close(): void } {
  const agents = guardedAgents(allowPrivateNetwork, { keepAlive: false });
  const url = new URL(`${config.baseUrl}/chat/completions`);
  return {
    async complete({ system, user, timeoutMs, signal }: ModelQuestion): Promise<string> {
      if (!allowPrivateNetwork) refusePrivateLiteral(url.hostname);
      const until = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const body = {
        model: config.model,
        temperature: 0,
        messages: [
          { role: 'system', content: system },
          { role: 'user', content: user },
        ],
      };
      const { default: axios } = await import('axios');
      const response = await axios
        .post<string>(url.href, JSON.stringify(body), {
          ...agents,
          headers: {
            'content-type': 'application/json',
            accept: 'application/json',
            ...(config.apiKey === undefined ? {} : { authorization: `Bearer ${config.apiKey}` }),
          },
          maxRedirects: 0,
          maxContentLength: maxAnswer,
          proxy: false,
          responseType: 'text',
          transformResponse: [(text: unknown) => text],
          validateStatus: () => true,
          signal: until,
        })
        .catch((error: unknown) => {
          if (error instanceof OperationError) throw error;
          const late = until.aborted && !signal.aborted;
          throw new OperationError(
            late ? 'timeout' : 'unavailable',
            late
              ? `The model did not answer within ${Math.round(timeoutMs / 1000)} s.`
              : 'The model could not be reached.',
          );
        });
      if (response.status !== 200)
        throw new OperationError('unavailable', `The model's endpoint answered with status ${response.status}.`);
      return contentOf(response.data);
    },
    close() {
      agents.httpAgent.destroy();
      agents.httpsAgent.destroy();
    },
  };
}

function contentOf(text: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  const answer = answerSchema.safeParse(parsed);
  const content = answer.success ? answer.data.choices[0]?.message.content : undefined;
  if (content === undefined) throw new OperationError('unavailable', "The model's endpoint gave no chat completion.");
  return content;
}
