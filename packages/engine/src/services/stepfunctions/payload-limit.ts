/**
 * Input and output of states, tasks and executions, in bytes of UTF-8.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export const PAYLOAD_BYTES_MAX = 262_144;
