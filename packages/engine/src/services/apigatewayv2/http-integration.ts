import { isOfOneHop, type ServiceEnvironment } from '../../core/index.ts';
import { apiMessage, type IntegrationOutcome, type RoutedRequest } from './api-request.ts';
import { withVariables } from './lambda-integration.ts';
import { own } from './lists.ts';

/** An answer may be as large as a request. */
const ANSWER_BYTES_MAX = 10 * 2 ** 20;

/** The endpoint with the variables of route and stage in place, and the query behind it. */
const urlOf = ({ integration, stage, pathParameters, request }: RoutedRequest): string => {
  const uri = withVariables(integration?.IntegrationUri ?? '', stage.StageVariables);
  const path = uri.replace(/\{([^}+]+)\+?\}/g, (_, name: string) => own(pathParameters, name) ?? '');
  if (request.query === '') return path;
  return `${path}${path.includes('?') ? '&' : '?'}${request.query}`;
};

const forwardedHeaders = ({ request, domainName, traceHeader }: RoutedRequest): Record<string, string> => {
  const { host, sourceIp, headers } = request;
  const passed = Object.entries(headers).filter(([name]) => !isOfOneHop(name));
  return {
    ...Object.fromEntries(passed),
    forwarded: `by=${domainName};for=${sourceIp};host=${host};proto=http`,
    via: 'HTTP/1.1 AmazonAPIGateway',
    'x-amzn-trace-id': traceHeader,
  };
};

const answerHeaders = (headers: readonly string[]): string[] => {
  const kept: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const [name = '', value = ''] = headers.slice(at, at + 2);
    // The date is that of the API's own answer.
    if (!isOfOneHop(name) && name.toLowerCase() !== 'date') kept.push(name, value);
  }
  return kept;
};

/**
 * Passes a request on to an HTTP endpoint, and its answer back. Never rejects.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-http.html
 */
export const passOn = ({ http }: ServiceEnvironment, routed: RoutedRequest): Promise<IntegrationOutcome> => {
  const { integration, request } = routed;
  const method = integration?.IntegrationMethod === 'ANY' ? request.method : (integration?.IntegrationMethod ?? 'GET');
  const call = {
    method,
    url: urlOf(routed),
    headers: forwardedHeaders(routed),
    body: '',
    bytes: request.body,
    timeoutMs: integration?.TimeoutInMillis ?? 0,
    rawBytesMax: ANSWER_BYTES_MAX,
  };
  return new Promise((resolve) => {
    http.send(call, (outcome) => {
      if (outcome.kind === 'failed') {
        resolve({ answer: apiMessage(503, 'Service Unavailable'), errorMessage: outcome.message });
        return;
      }
      const { status, raw } = outcome;
      const answer = { status, headers: answerHeaders(raw?.headers ?? []), body: raw?.body ?? '' };
      resolve({ answer, status });
    });
  });
};
