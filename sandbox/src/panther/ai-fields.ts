import type { StoredAlert } from './alert-store';
import type { ResolverContext } from './graphql-resolvers';
import { RequestError, uuid } from './query-log';

/**
 * Panther AI: triage of an alert: the part of Panther's schema, as extensions of Query and Mutation.
 * `aiInferenceStreamsMetadata` is in no published schema; its shape is what Panther's own clients ask for.
 */
export const aiSdl = `
extend type Query {
  aiInferenceStream(streamId: String!): AIInferenceStream!
  aiInferenceStreamsMetadata(input: AIInferenceStreamsMetadataInput!): AIInferenceStreamsMetadataOutput!
}
extend type Mutation {
  aiSummarizeAlert(input: AISummarizeAlertInput!): AISummarizeLogEventsOutput!
}
type AIInferenceStream { error: String finished: Boolean! responseText: String! streamId: ID! }
input AISummarizeAlertInput {
  alertId: ID!
  conversationId: ID
  metadata: AISummarizeMetadata
  outputLength: OutputLength = medium
  prompt: String
  skipAlert: Boolean
  skipAlertComments: Boolean
  skipAlertEvents: Boolean
}
input AISummarizeMetadata { kind: AISummarizeKind page: String }
enum AISummarizeKind { alert alertList detectionTests events overview queryResults }
enum OutputLength { large largest medium small xlarge xsmall }
type AISummarizeLogEventsOutput { streamId: ID! }
input AIInferenceStreamsMetadataInput { alias: String! }
type AIInferenceStreamsMetadataOutput { edges: [AIInferenceStreamsMetadataEdge!]! }
type AIInferenceStreamsMetadataEdge { node: AIInferenceStreamsMetadata! }
type AIInferenceStreamsMetadata { streamId: ID! }
`;

interface Stream {
  id: string;
  alertId: string;
  text: string;
  error: string;
  pollsLeft: number;
}

/** The triages that were asked for since the last reset, oldest first. */
export class AiStreams {
  private streams: Stream[] = [];

  start(alertId: string, text: string, error: string, polls: number): Stream {
    const stream = {
      id: uuid(`ai-stream/${alertId}/${this.streams.length}`),
      alertId,
      text,
      error,
      pollsLeft: polls,
    };
    this.streams.push(stream);
    return stream;
  }

  /** Throws RequestError for an unknown id. */
  get(id: string): Stream {
    const stream = this.streams.find((candidate) => candidate.id === id);
    if (!stream) throw new RequestError(`stream not found: ${id}`);
    return stream;
  }

  of(alertId: string): Stream[] {
    return this.streams.filter((stream) => stream.alertId === alertId);
  }

  reset(): void {
    this.streams = [];
  }
}

export function aiFields({ aiStreams, alerts, settings }: ResolverContext): Record<string, unknown> {
  return {
    aiSummarizeAlert: ({ input }: { input: { alertId: string; prompt?: string | null; outputLength: string } }) => {
      const alert = alerts.get(input.alertId);
      const text = triageText(alert, input.prompt ?? '', input.outputLength);
      return { streamId: aiStreams.start(alert.id, text, settings.aiError, settings.aiRunningPolls).id };
    },
    aiInferenceStream: ({ streamId }: { streamId: string }) => {
      const stream = aiStreams.get(streamId);
      const finished = stream.pollsLeft === 0;
      stream.pollsLeft = Math.max(0, stream.pollsLeft - 1);
      const failed = finished && stream.error !== '';
      // The text grows from poll to poll, as a stream does.
      const shown = finished ? stream.text.length : Math.floor(stream.text.length / (stream.pollsLeft + 2));
      return {
        streamId,
        finished,
        error: failed ? stream.error : null,
        responseText: failed ? '' : stream.text.slice(0, shown),
      };
    },
    aiInferenceStreamsMetadata: ({ input }: { input: { alias: string } }) => ({
      edges: aiStreams.of(alerts.get(input.alias).id).map(({ id }) => ({ node: { streamId: id } })),
    }),
  };
}

/** No model: sentences made of the alert's own fields, the same for the same alert. */
function triageText(alert: StoredAlert, prompt: string, length: string): string {
  const [event = {}] = alert.events;
  const lines = [
    '(Simulated triage, written without a model.)',
    `${alert.title}. Severity ${alert.severity}, ${alert.events.length} event(s), status ${alert.status}.`,
    `First call: ${String(event.eventName ?? 'unknown')} from ${String(event.sourceIPAddress ?? 'unknown')}.`,
    `Runbook: ${alert.rule.runbook}`,
  ];
  if (prompt !== '') lines.push(`Asked in addition: ${prompt}`);
  return lines.slice(0, length === 'xsmall' || length === 'small' ? 2 : lines.length).join('\n');
}
