import { type ChosenLetter, type Job, JobNotFoundError, JobStateError, type RedriveDesk } from '@holdfast/ledger';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Log } from '../log.ts';
import { CORRELATION_ATTRIBUTE } from '../middleware/correlation.ts';
import { categoryOf, SchemaValidationError } from './errors.ts';
import { answer, bodyOf, correlationIdOf, type HttpAnswer } from './http-answer.ts';
import { parsePreview, parseStart, redriveRequestOf } from './redrive-request.ts';

export interface RedriveApiDeps {
  readonly now: () => number;
  readonly log: Log;
  readonly desk: RedriveDesk;
  /** The audit log of a job: a line of JSON for each decision, chained by hashes. */
  readonly audit: (jobId: string) => Promise<string>;
  /** Has somebody work on a job, after so long. */
  readonly call: (jobId: string, afterSeconds?: number) => Promise<void>;
  /** ARN. */
  readonly deadLetterQueue: string;
}

/** A dead letter as a preview shows it. */
const shown = ({ message, delivery }: ChosenLetter, now: number) => {
  const { MessageId, Body = '', Attributes = {}, MessageAttributes = {} } = message;
  return {
    messageId: MessageId,
    errorType: MessageAttributes['ErrorCode']?.StringValue ?? 'MaxReceiveCount',
    error: MessageAttributes['ErrorMessage']?.StringValue ?? '',
    correlationId: MessageAttributes[CORRELATION_ATTRIBUTE]?.StringValue,
    ageSeconds: Math.floor((now - Number(Attributes.SentTimestamp ?? now)) / 1_000),
    goesTo: 'reason' in delivery ? delivery.reason : delivery.arn,
    body: Body,
  };
};

/** What a caller is to know of a job, with the names that it used. */
const jobBody = (job: Job) => {
  const { request, ...rest } = job;
  const { max, perSecond, minAgeSeconds, delayJitterSeconds, filters = [] } = request;
  return {
    ...rest,
    maxMessages: max,
    rate: perSecond,
    minAgeSeconds,
    perMessageDelayJitter: delayJitterSeconds,
    errorType: filters[0]?.replace(/^\w+=/, ''),
  };
};

/**
 * The redrive API. It looks, plans, and says what is wanted of jobs; who works on them is another function.
 *
 * 200 as it is, 202 begun, 400 not valid, 404 no such job, 409 not in that state, 503 try again.
 */
export const createRedrive = ({ now, log, desk, audit, call, deadLetterQueue }: RedriveApiDeps) => {
  type Route = (event: APIGatewayProxyEventV2, jobId: string, correlationId: string) => Promise<HttpAnswer>;

  const steered =
    (how: 'pause' | 'resume' | 'cancel'): Route =>
    async (_, jobId, correlationId) => {
      const job = await desk[how](jobId);
      // Once more for a job that is waited for already does no harm: only one at a time has it.
      if (how === 'resume') await call(jobId);
      log.info('asked of a redrive', { jobId, how });
      return answer(200, jobBody(job), correlationId);
    };

  const routes: Readonly<Record<string, Route>> = {
    'GET /redrive/preview': async ({ queryStringParameters }, _, correlationId) => {
      const request = redriveRequestOf(deadLetterQueue, parsePreview(queryStringParameters));
      const { plan, letters } = await desk.preview(request);
      return answer(200, { ...plan, messages: letters.map((letter) => shown(letter, now())) }, correlationId);
    },
    'POST /redrive/start': async (event, _, correlationId) => {
      const wish = parseStart(bodyOf(event));
      const request = redriveRequestOf(deadLetterQueue, wish);
      if (wish.dryRun) return answer(200, { dryRun: true, ...(await desk.plan(request)) }, correlationId);
      const job = await desk.start(request, `api ${correlationId}`);
      await call(job.jobId);
      log.info('redrive begun', { jobId: job.jobId, planned: job.planned });
      return answer(202, jobBody(job), correlationId);
    },
    'GET /redrive/{id}': async (_, jobId, correlationId) =>
      answer(200, jobBody(await desk.status(jobId)), correlationId),
    'GET /redrive/{id}/audit': async (_, jobId, correlationId) => {
      await desk.status(jobId);
      const written = answer(200, {}, correlationId);
      return {
        ...written,
        headers: { ...written.headers, 'content-type': 'application/x-ndjson' },
        body: await audit(jobId),
      };
    },
    'POST /redrive/{id}/pause': steered('pause'),
    'POST /redrive/{id}/resume': steered('resume'),
    'POST /redrive/{id}/cancel': steered('cancel'),
  };

  return async (event: APIGatewayProxyEventV2): Promise<HttpAnswer> => {
    const correlationId = correlationIdOf(event);
    const jobId = event.pathParameters?.['id'] ?? '';
    const route = routes[event.routeKey];
    if (route === undefined) return answer(404, { error: 'NotFound' }, correlationId);
    try {
      return await route(event, jobId, correlationId);
    } catch (error) {
      if (error instanceof SchemaValidationError) {
        return answer(400, { error: error.name, problems: error.problems }, correlationId);
      }
      if (error instanceof JobNotFoundError) return answer(404, { error: 'NotFound', jobId }, correlationId);
      if (error instanceof JobStateError) {
        return answer(409, { error: 'Conflict', message: error.message, jobId, state: error.state }, correlationId);
      }
      log.error('redrive not answered', { category: categoryOf(error), error: String(error) });
      return answer(503, { error: 'ServiceUnavailable', message: 'not done; ask again' }, correlationId);
    }
  };
};
