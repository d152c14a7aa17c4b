import type { RedriveRequest } from '@holdfast/ledger';
import { Ajv } from 'ajv';
import { ERROR_CATEGORIES } from './errors.ts';
import { checkedBy, parseJson, SCHEMA_OPTIONS } from './schema.ts';

/** What `POST /redrive/start` takes. */
export interface RedriveWish {
  readonly maxMessages: number;
  /** A category, the name of an error, or `MaxReceiveCount` for what a function died over. */
  readonly errorType?: string;
  readonly minAgeSeconds: number;
  /** Seconds. */
  readonly perMessageDelayJitter: number;
  /** Messages a second. */
  readonly rate: number;
  readonly dryRun: boolean;
}

/** What `GET /redrive/preview` takes: it may look at what is too young for a redrive. */
export type PreviewWish = Pick<RedriveWish, 'maxMessages' | 'errorType' | 'minAgeSeconds'>;

const ERROR_TYPE = { type: 'string', pattern: '^[A-Za-z0-9_.:-]{1,128}$' } as const;
const FORTNIGHT_SECONDS = 1_209_600;

const messages = (fallback: number) => ({ type: 'integer', minimum: 1, maximum: 1_000, default: fallback }) as const;
const seconds = (minimum: number) =>
  ({ type: 'integer', minimum, maximum: FORTNIGHT_SECONDS, default: minimum }) as const;

export const REDRIVE_SCHEMAS = {
  preview: {
    type: 'object',
    properties: { maxMessages: messages(20), errorType: ERROR_TYPE, minAgeSeconds: seconds(0) },
    additionalProperties: false,
  },
  start: {
    type: 'object',
    properties: {
      maxMessages: messages(100),
      errorType: ERROR_TYPE,
      minAgeSeconds: seconds(60),
      perMessageDelayJitter: { type: 'integer', minimum: 0, maximum: 900, default: 0 },
      rate: { type: 'number', minimum: 1, maximum: 100, default: 10 },
      dryRun: { type: 'boolean', default: false },
    },
    additionalProperties: false,
  },
} as const;

const ajv = new Ajv({ ...SCHEMA_OPTIONS, useDefaults: true });
const start = ajv.compile<RedriveWish>(REDRIVE_SCHEMAS.start);
/** All values of a query are texts. */
const preview = new Ajv({ ...SCHEMA_OPTIONS, useDefaults: true, coerceTypes: true }).compile<PreviewWish>(
  REDRIVE_SCHEMAS.preview,
);

/** @throws SchemaValidationError with a sentence for everything that is wrong; no body is one with nothing in it */
export const parseStart = (body: string): RedriveWish => checkedBy(start, body === '' ? {} : parseJson(body));

/** @throws SchemaValidationError with a sentence for everything that is wrong */
export const parsePreview = (query: Readonly<Record<string, string | undefined>> = {}): PreviewWish =>
  checkedBy(preview, { ...query });

/** Redriven before all others, and watched: what fails again stops the job before it has begun in earnest. */
const CANARY = 10;

/** Hopeless failures are back within seconds. */
const WATCH_SECONDS = 30;

/** A run that ends while it watches its canary watches again in the next one, so that it must fit into one. */
export const WATCH_SECONDS_MAX = 150;

const CONDITIONS: readonly string[] = [...ERROR_CATEGORIES, 'MaxReceiveCount'];

const filterOf = (errorType: string): string =>
  `${CONDITIONS.includes(errorType) ? 'condition' : 'error'}=${errorType}`;

/** What is asked of the ledger: each message goes back to where it says that it came from. */
export const redriveRequestOf = (from: string, wish: PreviewWish & Partial<RedriveWish>): RedriveRequest => {
  const { maxMessages, errorType, minAgeSeconds, perMessageDelayJitter = 0, rate } = wish;
  return {
    from,
    max: maxMessages,
    minAgeSeconds,
    ...(errorType === undefined ? {} : { filters: [filterOf(errorType)] }),
    ...(rate === undefined ? {} : { perSecond: rate }),
    delayJitterSeconds: perMessageDelayJitter,
    canary: CANARY,
    // What is delayed cannot be back before it was there.
    watchMs: Math.min(WATCH_SECONDS + perMessageDelayJitter, WATCH_SECONDS_MAX) * 1_000,
  };
};
