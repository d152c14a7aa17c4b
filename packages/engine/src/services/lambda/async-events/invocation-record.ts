import { utf8Bytes, utf8Text } from '@holdfast/kernel';
import { isJson } from '../invocations/invoke-payload.ts';
import type { Condition } from './retry-decision.ts';

/** The last answer that an event got, for its record; absent when it never got one. */
export interface LastResponse {
  readonly statusCode: number;
  readonly executedVersion: string;
  readonly isFunctionError: boolean;
  /** JSON text. */
  readonly payload: string;
}

export interface InvocationRecord {
  readonly at: number;
  readonly requestId: string;
  /** Qualified, `:$LATEST` when the caller named no qualifier. */
  readonly functionArn: string;
  readonly condition: Condition;
  readonly runs: number;
  /** JSON text. */
  readonly requestPayload: string;
  readonly response: LastResponse | undefined;
}

/**
 * The JSON that destinations get, version 1.0. Payloads are spliced in as text, so numbers that JavaScript cannot
 * hold pass through unchanged.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
export const writeInvocationRecord = (record: InvocationRecord): string => {
  const context = JSON.stringify({
    requestId: record.requestId,
    functionArn: record.functionArn,
    condition: record.condition,
    approximateInvokeCount: record.runs,
  });
  const head = `{"version":"1.0","timestamp":"${new Date(record.at).toISOString()}","requestContext":${context},"requestPayload":${record.requestPayload}`;
  if (record.response === undefined) return `${head}}`;
  const { statusCode, executedVersion, isFunctionError, payload } = record.response;
  const responseContext = JSON.stringify({
    statusCode,
    executedVersion,
    ...(isFunctionError ? { functionError: 'Unhandled' } : {}),
  });
  const responsePayload = isJson(payload) ? payload : JSON.stringify(payload);
  return `${head},"responseContext":${responseContext},"responsePayload":${responsePayload}}`;
};

/** What is left of an error message in a dead-letter queue's `ErrorMessage` attribute. */
export const ERROR_MESSAGE_MAX_BYTES = 1_024;

/** The three attributes of a dead-lettered event. */
export const deadLetterAttributes = (
  requestId: string,
  response: LastResponse,
): Record<string, { dataType: string; stringValue: string }> => ({
  RequestID: { dataType: 'String', stringValue: requestId },
  ErrorCode: { dataType: 'Number', stringValue: String(response.statusCode) },
  // A message attribute may not be empty; a function may well throw without a message.
  ErrorMessage: { dataType: 'String', stringValue: errorMessageOf(response.payload) || 'null' },
});

const errorMessageOf = (payload: string): string => {
  let text = payload;
  try {
    const parsed: unknown = JSON.parse(payload);
    if (typeof parsed === 'object' && parsed !== null) {
      const { errorMessage, message } = parsed as { errorMessage?: unknown; message?: unknown };
      text = String(errorMessage ?? message ?? '');
    }
  } catch {
    // Not JSON: the text itself is all there is.
  }
  // Cutting bytes may split a character; the broken end is dropped.
  return utf8Text(utf8Bytes(text).subarray(0, ERROR_MESSAGE_MAX_BYTES)).replace(/\uFFFD+$/, '');
};
