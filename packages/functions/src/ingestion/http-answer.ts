import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** What a handler of the API answers with. */
export type HttpAnswer = APIGatewayProxyStructuredResultV2;

export const CORRELATION_HEADER = 'x-correlation-id';

/** Correlation ids stand in log lines and message attributes, so nothing but these is taken from outside. */
const CORRELATION_ID = /^[A-Za-z0-9._:=/+-]{1,128}$/;

/** The client's own correlation id, if it is one, else the id of the request. */
export const correlationIdOf = ({ headers, requestContext }: APIGatewayProxyEventV2): string => {
  const given = headers[CORRELATION_HEADER];
  return given !== undefined && CORRELATION_ID.test(given) ? given : requestContext.requestId;
};

/** The text of the body, decoded if the API has encoded it. */
export const bodyOf = ({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): string =>
  isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;

export const answer = (statusCode: number, body: object, correlationId: string): HttpAnswer => ({
  statusCode,
  headers: { 'content-type': 'application/json', [CORRELATION_HEADER]: correlationId },
  body: JSON.stringify(body),
});
