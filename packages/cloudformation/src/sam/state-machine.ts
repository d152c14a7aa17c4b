import { isObject, type Json, type JsonObject } from '@holdfast/engine';
import { intrinsicOf } from '../template/intrinsics.ts';
import { attribute, invalidResource, membersOf, type Resources, ref, roleFor, statement, tagList } from './names.ts';
import { managedPolicyArn, splitPolicies } from './policies.ts';
import { refusal, refuseOthers } from './refusal.ts';
import { expandScheduleV2 } from './schedule-v2.ts';

const MODELLED = [
  'Definition',
  'DefinitionSubstitutions',
  'DefinitionUri',
  'Events',
  'Logging',
  'Name',
  'PermissionsBoundary',
  'Policies',
  'Role',
  'RolePath',
  'Tags',
  'Tracing',
  'Type',
];

const TARGET_MEMBERS = ['Input', 'InputPath', 'InputTransformer', 'RetryPolicy', 'DeadLetterConfig'];

/** `s3://bucket/key`, or its parts as `sam package` writes them. */
const locationOf = (uri: Json, logicalId: string): JsonObject => {
  if (isObject(uri)) return uri;
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(String(uri)) ?? [];
  if (Bucket === undefined || Key === undefined) {
    throw invalidResource(
      logicalId,
      "'DefinitionUri' is not a valid S3 Uri of the form 's3://bucket/key' with optional versionId query parameter.",
    );
  }
  return { Bucket, Key };
};

/** A definition as the text that SAM makes of it: `null` may stand in it, and functions are substitutions. */
const definitionText = (definition: Json): { readonly text: Json; readonly substitutions: JsonObject } => {
  const substitutions: Record<string, Json> = {};
  const plain = (value: Json): Json => {
    if (Array.isArray(value)) return (value as readonly Json[]).map(plain);
    if (!isObject(value)) return value;
    if (intrinsicOf(value) === undefined) {
      return Object.fromEntries(
        Object.keys(value)
          .sort()
          .map((name) => [name, plain(value[name] as Json)]),
      );
    }
    const name = `definition_substitution_${Object.keys(substitutions).length + 1}`;
    substitutions[name] = value;
    return `\${${name}}`;
  };
  return { text: { 'Fn::Join': ['\n', JSON.stringify(plain(definition), undefined, 4).split('\n')] }, substitutions };
};

const rule = (id: string, kind: string, own: JsonObject, target: JsonObject): JsonObject => {
  const { Pattern, RuleName, Schedule, Enabled, Target, ...rest } = own;
  return {
    Type: 'AWS::Events::Rule',
    Properties: {
      ...rest,
      ...(Pattern === undefined ? {} : { EventPattern: Pattern }),
      ...(RuleName === undefined ? {} : { Name: RuleName }),
      ...(kind === 'Schedule' ? { ScheduleExpression: Schedule ?? '' } : {}),
      ...(typeof Enabled === 'boolean' ? { State: Enabled ? 'ENABLED' : 'DISABLED' } : {}),
      Targets: [{ Id: membersOf(Target)['Id'] ?? `${id}StepFunctionsTarget`, ...target }],
    },
  };
};

const EVENTS: ReadonlySet<string> = new Set(['Schedule', 'ScheduleV2', 'EventBridgeRule', 'CloudWatchEvent']);

/** A rule or schedule that starts the machine, by a role that may. */
const started = (id: string, machineId: string, kind: string, properties: JsonObject): Resources => {
  const policyName = `${id}RoleStartExecutionPolicy`;
  if (kind === 'ScheduleV2') {
    return expandScheduleV2(id, properties, { arn: ref(machineId), action: 'states:StartExecution', policyName });
  }
  const { RoleArn, ...own } = properties;
  const roleId = `${id}Role`;
  const forTarget = Object.fromEntries(Object.entries(own).filter(([name]) => TARGET_MEMBERS.includes(name)));
  const forSource = Object.fromEntries(Object.entries(own).filter(([name]) => !TARGET_MEMBERS.includes(name)));
  const target = { Arn: ref(machineId), RoleArn: RoleArn ?? attribute(roleId), ...forTarget };
  const mayStart = {
    PolicyName: policyName,
    PolicyDocument: { Version: '2012-10-17', Statement: [statement('states:StartExecution', ref(machineId))] },
  };
  const role = roleFor('events.amazonaws.com', { Policies: [mayStart] });
  return {
    ...(RoleArn === undefined ? { [roleId]: role } : {}),
    [id]: rule(id, kind, forSource, target),
  };
};

/** `AWS::Serverless::StateMachine`: a state machine with its role and what starts it. */
export const expandStateMachine = (logicalId: string, resource: JsonObject, properties: JsonObject): Resources => {
  refuseOthers(properties, MODELLED, 'AWS::Serverless::StateMachine', logicalId);
  const { Definition, DefinitionUri, DefinitionSubstitutions, Name, Type, Logging, Tracing, Tags } = properties;
  const roleId = `${logicalId}Role`;
  const { text, substitutions } =
    Definition === undefined ? { text: undefined, substitutions: {} } : definitionText(Definition);
  const { managed, inline } = splitPolicies(logicalId, properties['Policies']);
  const tags = [{ Key: 'stateMachine:createdBy', Value: 'SAM' }, ...tagList(Tags)];
  const machine: JsonObject = {
    ...resource,
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      RoleArn: properties['Role'] ?? attribute(roleId),
      ...(text === undefined ? {} : { DefinitionString: text }),
      ...(DefinitionUri === undefined ? {} : { DefinitionS3Location: locationOf(DefinitionUri, logicalId) }),
      ...(DefinitionSubstitutions === undefined && Object.keys(substitutions).length === 0
        ? {}
        : { DefinitionSubstitutions: { ...membersOf(DefinitionSubstitutions), ...substitutions } }),
      ...(Name === undefined ? {} : { StateMachineName: Name }),
      ...(Type === undefined ? {} : { StateMachineType: Type }),
      ...(Logging === undefined ? {} : { LoggingConfiguration: Logging }),
      ...(Tracing === undefined ? {} : { TracingConfiguration: Tracing }),
      Tags: tags,
    },
  };
  const boundary = properties['PermissionsBoundary'];
  const role = roleFor('states.amazonaws.com', {
    ManagedPolicyArns: [
      ...(membersOf(Tracing)['Enabled'] === true ? [managedPolicyArn('AWSXRayDaemonWriteAccess')] : []),
      ...managed,
    ],
    Policies: [...inline],
    ...(boundary === undefined ? {} : { PermissionsBoundary: boundary }),
    ...(properties['RolePath'] === undefined ? {} : { Path: properties['RolePath'] }),
    Tags: tags,
  });
  const resources: Resources = {
    [logicalId]: machine,
    ...(properties['Role'] === undefined ? { [roleId]: role } : {}),
  };
  for (const [name, event] of Object.entries(membersOf(properties['Events']))) {
    const { Type: kind, Properties } = membersOf(event);
    if (!EVENTS.has(String(kind))) throw refusal(`events of type ${String(kind)} (resource ${logicalId})`);
    Object.assign(resources, started(`${logicalId}${name}`, logicalId, String(kind), membersOf(Properties)));
  }
  return resources;
};
