/**
 * How `aws-sdk` integrations name services (Step Functions, EventBridge Scheduler), where the engine's id is another.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
 */
const ENGINE_IDS: Readonly<Record<string, string>> = {
  cloudwatchevents: 'events',
  cloudwatchlogs: 'logs',
  eventbridge: 'events',
  sfn: 'states',
};

/** `sendMessage` of `sqs` is the action `SendMessage` of the service `sqs`. */
export const sdkCall = (serviceName: string, actionName: string): { serviceId: string; action: string } => ({
  serviceId: (Object.hasOwn(ENGINE_IDS, serviceName) ? ENGINE_IDS[serviceName] : undefined) ?? serviceName,
  action: actionName.charAt(0).toUpperCase() + actionName.slice(1),
});
