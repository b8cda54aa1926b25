import { redactSecrets } from '../../../operations/text';
import { guardedAgents } from '../hosting/guarded-agents';
import { refusePrivateLiteral } from '../hosting/guarded-lookup';
import type { Finding } from './check';
import type { Examination } from './examination';

const timeoutMs = 10_000;
const maxBytes = 1024 * 1024;

/** Whether the model's endpoint takes its key and has the model; it lists models, and asks none. */
export async function checkModel({ config }: Examination): Promise<Finding[]> {
  const { model, allowPrivateNetwork } = config;
  if (model === undefined) return [];
  const url = new URL(`${model.baseUrl}/models`);
  const agents = guardedAgents(allowPrivateNetwork, { keepAlive: false });
  try {
    if (!allowPrivateNetwork) refusePrivateLiteral(url.hostname);
    const { default: axios } = await import('axios');
    const { status, data } = await axios.get<{ data?: { id?: unknown }[] } | undefined>(url.href, {
      ...agents,
      headers: {
        accept: 'application/json',
        ...(model.apiKey === undefined ? {} : { authorization: `Bearer ${model.apiKey}` }),
      },
      maxRedirects: 0,
      maxContentLength: maxBytes,
      proxy: false,
      timeout: timeoutMs,
      validateStatus: () => true,
    });
    if (status === 401 || status === 403)
      return [
        { level: 'problem', text: `The model's endpoint refused MODEL_API_KEY (${status}). Make a new key there.` },
      ];
    const models = status === 200 && Array.isArray(data?.data) ? data.data.map(({ id }) => id) : undefined;
    if (models === undefined)
      return [
        {
          level: 'warning',
          text: `MODEL_BASE_URL answered ${status} to a request for its models, which not every endpoint lists. Use its address with the version, e.g. https://api.example.com/v1.`,
        },
      ];
    return models.includes(model.model)
      ? [{ level: 'ok', text: `The model's endpoint at ${url.host} has ${model.model}.` }]
      : [
          {
            level: 'problem',
            text: `The model's endpoint at ${url.host} has no model ${model.model}. Check MODEL_NAME.`,
          },
        ];
  } catch (error) {
    const why = redactSecrets((error as Error).message);
    return [{ level: 'problem', text: `The model's endpoint cannot be reached: ${why}. Check MODEL_BASE_URL.` }];
  } finally {
    agents.httpAgent.destroy();
    agents.httpsAgent.destroy();
  }
}
