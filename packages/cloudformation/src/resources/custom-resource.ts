import { parseArn } from '@holdfast/aws-model';
import {
  type AnyResourceType,
  isObject,
  type Json,
  type JsonObject,
  type MemberShapes,
  type ResourceContext,
  ResourceFailure,
  type ResourceState,
  type ResourceType,
} from '@holdfast/engine';
import { SECOND_MS, utf8Bytes } from '@holdfast/kernel';

const ANY = { map: 'json' } as const satisfies MemberShapes;

type CustomProperties = Readonly<Record<string, Json>>;

export const CUSTOM_RESOURCE_TYPE = 'AWS::CloudFormation::CustomResource';

const TIMEOUT_SECONDS = 3_600;
const RESPONSE_BYTES_MAX = 4_096;
const SUBJECT = 'AWS CloudFormation custom resource request';

/** Numbers and truth values reach custom resources as text. */
const asText = (value: Json): Json => {
  if (Array.isArray(value)) return (value as readonly Json[]).map(asText);
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, asText(inner)]));
  }
  return value === null ? value : String(value);
};

const parsed = (text: string): JsonObject => {
  if (utf8Bytes(text).length > RESPONSE_BYTES_MAX) throw new ResourceFailure('Response object is too long.');
  let response: unknown;
  try {
    response = JSON.parse(text);
  } catch {
    throw new ResourceFailure('Invalid response object: it is not JSON.');
  }
  if (!isObject(response)) throw new ResourceFailure('Invalid response object: it is not an object.');
  return response as JsonObject;
};

/** Lambda is invoked asynchronously, so it tries again what fails; a topic is published to. */
const send = async (serviceToken: Json | undefined, request: object, { call }: ResourceContext): Promise<void> => {
  const arn = typeof serviceToken === 'string' ? parseArn(serviceToken) : undefined;
  const text = JSON.stringify(request);
  if (arn?.service === 'lambda') {
    const Payload = utf8Bytes(text);
    await call('lambda', 'Invoke', { FunctionName: serviceToken, InvocationType: 'Event', Payload });
  } else if (arn?.service === 'sns') {
    await call('sns', 'Publish', { TopicArn: serviceToken, Subject: SUBJECT, Message: text });
  } else throw new ResourceFailure('Invalid service token.');
};

/** Asks the provider, and waits for what it answers. */
const ask = async (
  RequestType: 'Create' | 'Update' | 'Delete',
  properties: CustomProperties,
  more: object,
  context: ResourceContext,
): Promise<JsonObject> => {
  const { ServiceToken, ServiceTimeout } = properties;
  const { requestId, url, read, close } = context.openResponse();
  try {
    const request = {
      RequestType,
      ServiceToken,
      ResponseURL: url,
      StackId: context.stackId,
      RequestId: requestId,
      LogicalResourceId: context.logicalId,
      ResourceType: context.type,
      ResourceProperties: asText(properties),
      ...more,
    };
    await send(ServiceToken, request, context);
    const waitMs = Number(ServiceTimeout ?? TIMEOUT_SECONDS) * SECOND_MS;
    const failure = `CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [${requestId}].`;
    await context.until(async () => read() !== undefined, { waitMs, failure });
    const response = parsed(read() ?? '');
    if (response['Status'] === 'SUCCESS') return response;
    const reason = response['Reason'];
    throw new ResourceFailure(
      `Received response status [FAILED] from custom resource. Message returned: ${typeof reason === 'string' ? reason : 'null'} (RequestId: ${requestId})`,
    );
  } finally {
    close();
  }
};

const stateOf = ({ PhysicalResourceId, Data }: JsonObject): ResourceState => {
  if (typeof PhysicalResourceId !== 'string' || PhysicalResourceId === '') {
    throw new ResourceFailure('Invalid PhysicalResourceId');
  }
  return { physicalId: PhysicalResourceId, attributes: isObject(Data) ? (Data as JsonObject) : {} };
};

/**
 * A resource that a function or the subscriber of a topic provides: `AWS::CloudFormation::CustomResource`, and every `Custom::` type.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
 */
export const customResource: ResourceType<CustomProperties> = {
  type: CUSTOM_RESOURCE_TYPE,
  properties: ANY,
  required: ['ServiceToken'],
  attributes: [],
  attributePrefix: '',
  mayReplaceItself: true,
  create: async (properties, context) => stateOf(await ask('Create', properties, {}, context)),

  async update({ physicalId, properties: before }, properties, context) {
    if (before['ServiceToken'] !== properties['ServiceToken']) {
      throw new ResourceFailure('Modifying service token is not allowed.');
    }
    const more = { PhysicalResourceId: physicalId, OldResourceProperties: asText(before) };
    return stateOf({ PhysicalResourceId: physicalId, ...(await ask('Update', properties, more, context)) });
  },

  async delete({ physicalId, properties }, context) {
    await ask('Delete', properties, { PhysicalResourceId: physicalId }, context);
  },
};

/** Whether a type is a custom resource by its name. */
export const isCustom = (type: string): boolean =>
  type === CUSTOM_RESOURCE_TYPE || /^Custom::[A-Za-z0-9_@-]{1,60}$/.test(type);

/** Types by name; all custom resources are of one. */
export class ResourceTypeTable extends Map<string, AnyResourceType> {
  override get(type: string): AnyResourceType | undefined {
    return super.get(type) ?? (isCustom(type) ? super.get(CUSTOM_RESOURCE_TYPE) : undefined);
  }
}
