import { type INode, type JsonObject, NodeApiError, NodeOperationError } from 'n8n-workflow';
import { type ErrorShape, InvalidInputError, OperationError, toErrorShape } from '../operations/errors';
import type { Operation } from '../operations/operation';
import { fieldsOf } from './fields';

/** Codes that lie with the node's own settings; the others come from a service. */
const ownFault = new Set<ErrorShape['code']>(['invalid_input', 'cancelled']);

/**
 * Any thrown value in the shape that travels, with input fields called by the names n8n shows. What n8n itself throws
 * for an expression or parameter keeps n8n's words.
 */
export function errorShape(error: unknown, operation: Operation | undefined): ErrorShape {
  if (error instanceof InvalidInputError && operation !== undefined) return namedAsShown(error, operation);
  if (error instanceof OperationError) return error.toShape();
  if (isFromN8n(error)) return { code: 'invalid_input', message: error.message, details: {} };
  return toErrorShape(error);
}

/** n8n's own errors about parameters, expressions and credentials; their messages are written for users. */
export function isFromN8n(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return ['ExpressionError', 'NodeOperationError', 'NodeApiError', 'UserError', 'OperationalError'].some(
    (name) => error.name === name || error.constructor.name === name,
  );
}

function namedAsShown(error: InvalidInputError, operation: Operation): ErrorShape {
  const shape = error.toShape();
  const [first = '', ...rest] = error.field.split('.');
  const field = fieldsOf(operation).find(({ name }) => name === first);
  const prefix = `${error.field}: `;
  if (field === undefined || !shape.message.startsWith(prefix)) return shape;
  const where = rest.length === 0 ? field.displayName : `${field.displayName} (${error.field})`;
  return { ...shape, message: `${where}: ${shape.message.slice(prefix.length)}` };
}

/** What n8n shows and an error workflow receives: our message as it is, and the code and facts in the description. */
export function toNodeError(node: INode, shape: ErrorShape, itemIndex: number): NodeApiError | NodeOperationError {
  const description = describe(shape);
  const error = ownFault.has(shape.code)
    ? new NodeOperationError(node, shape.message, { itemIndex, description })
    : new NodeApiError(node, { ...shape } as unknown as JsonObject, { itemIndex, message: shape.message, description });
  // n8n replaces messages in which it finds an errno-like word, even inside another word; ours already says what to do.
  error.message = shape.message;
  error.messages = [];
  error.description = description;
  error.context.data = { code: shape.code, ...shape.details };
  return error;
}

function describe({ code, details }: ErrorShape): string {
  const facts = Object.entries(details)
    .filter(([, value]) => value !== null && value !== '')
    .map(([key, value]) => `${key}: ${String(value)}`);
  return [`Code ${code}`, ...facts].join('. ');
}
