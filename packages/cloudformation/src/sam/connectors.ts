import { isObject, type Json, type JsonObject } from '@holdfast/engine';
import { type AccessCategory, type ConnectorProfile, connectorProfile } from './connector-profiles.ts';
import { attribute, invalidResource, membersOf, type Resources, ref, statement } from './names.ts';

export const CONNECTOR = 'AWS::Serverless::Connector';

/** One end of a connector, as far as its policies need to know it. */
interface End {
  readonly logicalId?: string;
  readonly type: string;
  readonly arn?: Json | undefined;
  readonly name?: Json | undefined;
  readonly resourceId?: Json | undefined;
  readonly qualifier?: Json | undefined;
  readonly queueUrl?: Json | undefined;
  readonly roleName?: Json | undefined;
}

const PLAIN_TYPES: Readonly<Record<string, string>> = {
  'AWS::Serverless::Function': 'AWS::Lambda::Function',
  'AWS::Serverless::HttpApi': 'AWS::ApiGatewayV2::Api',
  'AWS::Serverless::SimpleTable': 'AWS::DynamoDB::Table',
  'AWS::Serverless::StateMachine': 'AWS::StepFunctions::StateMachine',
};

/** Types whose `Ref` is their ARN. */
const REF_IS_ARN: ReadonlySet<string> = new Set(['AWS::StepFunctions::StateMachine', 'AWS::SNS::Topic']);

/** The logical id in `{ Ref: id }`, or in an attribute's. */
const namedIn = (value: Json | undefined): string | undefined => {
  const { Ref, 'Fn::GetAtt': got } = membersOf(value);
  if (typeof Ref === 'string') return Ref;
  if (Array.isArray(got)) return String(got[0]);
  return typeof got === 'string' ? got.split('.')[0] : undefined;
};

/** The role by which a resource acts; a rule has one for each target. */
const roleOf = (type: string, properties: JsonObject, otherId: string | undefined): Json | undefined => {
  if (type === 'AWS::Lambda::Function') return properties['Role'];
  if (type === 'AWS::StepFunctions::StateMachine') return properties['RoleArn'];
  if (type !== 'AWS::Events::Rule') return undefined;
  const targets = (properties['Targets'] ?? []) as readonly Json[];
  return membersOf(targets.find((target) => namedIn(membersOf(target)['Arn']) === otherId))['RoleArn'];
};

const endOf = (connectorId: string, given: JsonObject, other: JsonObject, resources: Resources): End => {
  const { Id, Qualifier } = given;
  if ((Id !== undefined) === Object.keys(given).some((name) => name !== 'Id' && name !== 'Qualifier')) {
    throw invalidResource(
      connectorId,
      "Must provide 'Id' (with optional 'Qualifier') or a supported combination of other properties.",
    );
  }
  if (Id === undefined) {
    const type = String(given['Type'] ?? '');
    if (type === '') throw invalidResource(connectorId, "'Type' is missing or not a string.");
    return {
      type: PLAIN_TYPES[type] ?? type,
      arn: given['Arn'],
      name: given['Name'],
      resourceId: given['ResourceId'],
      qualifier: Qualifier,
      queueUrl: given['QueueUrl'],
      roleName: given['RoleName'],
    };
  }
  const logicalId = String(Id);
  const resource = resources[logicalId];
  if (resource === undefined) {
    throw invalidResource(connectorId, `Unable to find resource with logical ID '${logicalId}'.`);
  }
  const type = String(resource['Type']);
  const roleId = namedIn(roleOf(type, membersOf(resource['Properties']), String(other['Id'])));
  return {
    logicalId,
    type,
    arn: REF_IS_ARN.has(type) ? ref(logicalId) : attribute(logicalId),
    name: attribute(logicalId, 'Name'),
    resourceId: ref(logicalId),
    qualifier: Qualifier ?? '*',
    queueUrl: ref(logicalId),
    roleName: roleId === undefined ? undefined : ref(roleId),
  };
};

const document = (Statement: readonly Json[]): JsonObject => ({ Version: '2012-10-17', Statement });

interface Connection {
  readonly id: string;
  /** Behind the ids of what is made, where there may be several destinations. */
  readonly suffix: string;
  readonly source: End;
  readonly destination: End;
  readonly permissions: readonly AccessCategory[];
}

const needed = (value: Json | undefined, id: string, what: string, end: string): Json => {
  if (value === undefined) throw invalidResource(id, `Unable to get ${what} from '${end}' resource.`);
  return value;
};

/** The pattern of a resource with what it names in it. */
const filled = (pattern: string, { id, source, destination }: Connection): Json => {
  const values: Record<string, Json> = {};
  const text = pattern.replace(/\{(Source|Destination)\.(Arn|Name)\}/g, (_, end: string, member: string) => {
    const { arn, name } = end === 'Source' ? source : destination;
    values[`${end}${member}`] = needed(member === 'Arn' ? arn : name, id, member, end);
    return `\${${end}${member}}`;
  });
  return { 'Fn::Sub': [text, values] };
};

const checkPermissions = ({ id, source, destination, permissions }: Connection, profile: ConnectorProfile): void => {
  const valid = profile.kind === 'role' ? Object.keys(profile.access) : ['Write'];
  if (permissions.length === 0) {
    throw invalidResource(id, `'Permissions' cannot be empty; valid values are: ${valid.join(', ')}.`);
  }
  const what = `Unsupported 'Permissions' provided for connector from ${source.type} to ${destination.type}`;
  if (permissions.some((permission) => !valid.includes(permission))) {
    throw invalidResource(id, `${what}; valid values are: ${valid.join(', ')}.`);
  }
  const combinations = (profile.kind === 'role' ? profile.combinations : undefined)?.map((one) => one.join(' + '));
  if (combinations !== undefined && !combinations.includes([...permissions].sort().join(' + '))) {
    throw invalidResource(id, `${what}; valid combinations are: ${combinations.join(', ')}.`);
  }
};

/** What one connection becomes: one policy, or one permission. */
const policyOf = (connection: Connection, profile: ConnectorProfile): Resources => {
  const { id, suffix, source, destination, permissions } = connection;
  if (profile.kind === 'role') {
    const statements = Object.entries(profile.access).flatMap(([category, grants]) =>
      permissions.includes(category as AccessCategory)
        ? grants.map(({ actions, on }) =>
            statement(
              actions,
              on.map((pattern) => filled(pattern, connection)),
            ),
          )
        : [],
    );
    const roleName = needed((profile.of === 'Source' ? source : destination).roleName, id, 'IAM role name', profile.of);
    const Properties = { PolicyDocument: document(statements), Roles: [roleName] };
    return { [`${id}Policy${suffix}`]: { Type: 'AWS::IAM::ManagedPolicy', Properties } };
  }
  const { principal, kind } = profile;
  if (kind === 'function') {
    const FunctionName = needed(destination.arn, id, 'Lambda function ARN', 'Destination');
    const SourceArn =
      principal === 'apigateway.amazonaws.com'
        ? {
            'Fn::Sub': [
              `arn:\${AWS::Partition}:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${SourceResourceId}/\${SourceQualifier}`,
              {
                SourceResourceId: needed(source.resourceId, id, 'ResourceId', 'Source'),
                SourceQualifier: source.qualifier ?? '*',
              },
            ],
          }
        : needed(source.arn, id, 'Arn', 'Source');
    const Properties = {
      Action: 'lambda:InvokeFunction',
      FunctionName,
      Principal: principal,
      SourceArn,
      ...(principal === 's3.amazonaws.com' ? { SourceAccount: ref('AWS::AccountId') } : {}),
    };
    return { [`${id}WriteLambdaPermission${suffix}`]: { Type: 'AWS::Lambda::Permission', Properties } };
  }
  const mayComeFrom = {
    Principal: { Service: principal },
    Condition: { ArnEquals: { 'aws:SourceArn': needed(source.arn, id, 'Arn', 'Source') } },
  };
  const arn = needed(destination.arn, id, 'Arn', 'Destination');
  if (kind === 'queue') {
    const PolicyDocument = document([statement('sqs:SendMessage', arn, mayComeFrom)]);
    const Queues = [needed(destination.queueUrl, id, 'SQS queue URL', 'Destination')];
    return { [`${id}QueuePolicy${suffix}`]: { Type: 'AWS::SQS::QueuePolicy', Properties: { PolicyDocument, Queues } } };
  }
  const PolicyDocument = document([statement('sns:Publish', arn, mayComeFrom)]);
  return {
    [`${id}TopicPolicy${suffix}`]: { Type: 'AWS::SNS::TopicPolicy', Properties: { PolicyDocument, Topics: [arn] } },
  };
};

const dependsOn = (resource: JsonObject): readonly Json[] => {
  const given = resource['DependsOn'] ?? [];
  return Array.isArray(given) ? (given as readonly Json[]) : [given];
};

const withDependencies = (resource: JsonObject, ids: readonly Json[]): JsonObject => ({
  ...resource,
  DependsOn: [...new Set([...dependsOn(resource), ...ids])],
});

/** Who waits for a policy: the one mapping between the two, or the source itself. */
const waiting = ({ source, destination }: Connection, profile: ConnectorProfile, resources: Resources) => {
  if (profile.kind !== 'role' || source.logicalId === undefined) return undefined;
  if (profile.dependedBy === 'source') return source.logicalId;
  if (profile.dependedBy !== 'mapping') return undefined;
  const mappings = Object.keys(resources).filter((id) => {
    const { Type, Properties } = membersOf(resources[id]);
    const { FunctionName, EventSourceArn } = membersOf(Properties);
    return (
      Type === 'AWS::Lambda::EventSourceMapping' &&
      namedIn(FunctionName) === destination.logicalId &&
      namedIn(EventSourceArn) === source.logicalId
    );
  });
  return mappings.length === 1 ? mappings[0] : undefined;
};

/**
 * `AWS::Serverless::Connector`: the policies by which one resource may use another. They lead to what SAM's other
 * resources became, so they come last.
 */
export const expandConnector = (id: string, resource: JsonObject, resources: Resources): void => {
  const { Properties, Type: _, ...rest } = resource;
  const { Source, Destination, Permissions } = membersOf(Properties);
  const several = Array.isArray(Destination);
  const destinations = several ? (Destination as readonly Json[]) : [Destination ?? {}];
  const permissions = [...new Set((Permissions ?? []) as readonly AccessCategory[])];
  const made: string[] = [];
  destinations.forEach((given, index) => {
    const [from, to] = [membersOf(Source), membersOf(given)];
    const destination = endOf(id, to, from, resources);
    const source = endOf(id, from, to, resources);
    const profile = connectorProfile(source.type, destination.type);
    if (profile === undefined) {
      throw invalidResource(
        id,
        `Unable to create connector from ${source.type} to ${destination.type}; it's not supported or the template is invalid.`,
      );
    }
    const connection = { id, suffix: several ? `Destination${index}` : '', source, destination, permissions };
    checkPermissions(connection, profile);
    const policies = policyOf(connection, profile);
    for (const [policyId, policy] of Object.entries(policies)) resources[policyId] = { ...policy, ...rest };
    made.push(...Object.keys(policies));
    const waits = waiting(connection, profile, resources);
    const waiter = waits === undefined ? undefined : resources[waits];
    if (waits !== undefined && waiter !== undefined) {
      resources[waits] = withDependencies(waiter, Object.keys(policies));
    }
  });
  if (made.length === 0) throw invalidResource(id, "'Destination' is an empty list");
  for (const [other, one] of Object.entries(resources)) {
    const named = dependsOn(one);
    if (!named.includes(id)) continue;
    resources[other] = withDependencies({ ...one, DependsOn: named.filter((name) => name !== id) }, made);
  }
};

/** Takes the connectors that a resource embeds out of it: connectors with a name of their own, which begin at it. */
export const embeddedConnectors = (
  sourceId: string,
  { Connectors, ...resource }: JsonObject,
): { readonly resource: JsonObject; readonly connectors: Resources } => {
  if (Connectors === undefined) return { resource, connectors: {} };
  if (!isObject(Connectors)) throw invalidResource(sourceId, `${sourceId}.Connectors should be a map.`);
  const connectors = Object.entries(Connectors).map(([name, given]) => {
    const { Properties, ...rest } = membersOf(given);
    const { SourceReference, ...properties } = membersOf(Properties);
    const Source = { Id: sourceId, ...membersOf(SourceReference) };
    return [`${sourceId}${name}`, { ...rest, Type: CONNECTOR, Properties: { ...properties, Source } }];
  });
  return { resource, connectors: Object.fromEntries(connectors) as Resources };
};
