/**
 * What AWS asks for in us-east-1, in US dollars, without free tiers; as published on 2026-11-01.
 *
 * @see https://aws.amazon.com/lambda/pricing/, https://aws.amazon.com/sqs/pricing/, and so on
 */
export const PRICES = {
  asOf: '2026-11-01',
  lambdaRequest: 0.2 / 1e6,
  /** Arm, a gigabyte for a second. */
  lambdaGigabyteSecond: 0.000_013_333_4,
  sqsRequest: 0.4 / 1e6,
  eventBridgeEvent: 1 / 1e6,
  kinesisPutUnit: 0.014 / 1e6,
  kinesisShardHour: 0.015,
  dynamodbWrite: 0.625 / 1e6,
  stateTransition: 0.025 / 1e3,
} as const;

/** A function of a quarter gigabyte that runs for a tenth of a second. */
export const invocationCost = PRICES.lambdaRequest + 0.25 * 0.1 * PRICES.lambdaGigabyteSecond;
