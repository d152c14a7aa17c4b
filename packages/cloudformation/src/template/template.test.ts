// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how Fn::Sub is written.
import { describe, expect, it } from 'vitest';
import { dependencyOrder } from './dependency-order.ts';
import { Resolver, type Scope } from './intrinsics.ts';
import { resolveParameters } from './parameters.ts';
import { parseTemplate } from './parse-template.ts';
import { readTemplate } from './template.ts';
import { loadYaml } from './yaml.ts';

await loadYaml();

const scope = (overrides: Partial<Scope> = {}): Scope => ({
  mappings: { Sizes: { small: { memory: 128 } } },
  parameter: (name) => ({ Stage: 'dev', Zones: ['a', 'b'], 'AWS::Region': 'us-east-1' })[name],
  condition: (name) => name === 'IsTrue',
  ref: (logicalId) => (logicalId === 'Jobs' ? 'http://queue/jobs' : undefined),
  attribute: (logicalId, attribute) => (logicalId === 'Jobs' && attribute === 'Arn' ? 'arn:jobs' : undefined),
  importValue: (name) => `imported ${name}`,
  zones: (region) => [`${region}a`, `${region}b`],
  ...overrides,
});

describe('intrinsic functions', () => {
  it.each([
    ['Ref of a parameter', { Ref: 'Stage' }, 'dev'],
    ['Ref of a resource', { Ref: 'Jobs' }, 'http://queue/jobs'],
    ['GetAtt as a list', { 'Fn::GetAtt': ['Jobs', 'Arn'] }, 'arn:jobs'],
    ['GetAtt as text', { 'Fn::GetAtt': 'Jobs.Arn' }, 'arn:jobs'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Stage' }, 3]] }, 'a-dev-3'],
    ['Join over a list parameter', { 'Fn::Join': [',', { Ref: 'Zones' }] }, 'a,b'],
    ['Sub', { 'Fn::Sub': '${Stage}/${Jobs}/${Jobs.Arn}/${!Stage}' }, 'dev/http://queue/jobs/arn:jobs/${Stage}'],
    ['Sub with variables', { 'Fn::Sub': ['${A}-${Stage}', { A: { Ref: 'Jobs' } }] }, 'http://queue/jobs-dev'],
    ['Select', { 'Fn::Select': ['1', { 'Fn::Split': ['.', 'a.b.c'] }] }, 'b'],
    ['FindInMap', { 'Fn::FindInMap': ['Sizes', 'small', 'memory'] }, 128],
    ['Base64', { 'Fn::Base64': 'holdfast' }, 'aG9sZGZhc3Q='],
    ['ImportValue', { 'Fn::ImportValue': { 'Fn::Sub': '${Stage}-arn' } }, 'imported dev-arn'],
    ['GetAZs of the own region', { 'Fn::GetAZs': '' }, ['us-east-1a', 'us-east-1b']],
    ['If', { 'Fn::If': ['IsTrue', 'yes', 'no'] }, 'yes'],
    [
      'And, Or, Not, Equals',
      { 'Fn::And': [{ Condition: 'IsTrue' }, { 'Fn::Not': [{ 'Fn::Equals': ['1', 2] }] }] },
      true,
    ],
  ])('%s', (_, value, expected) => {
    expect(new Resolver(scope()).resolve(value)).toEqual(expected);
  });

  it('a member with AWS::NoValue is left out, of objects and lists alike', () => {
    const value = { a: { 'Fn::If': ['IsFalse', 1, { Ref: 'AWS::NoValue' }] }, b: [{ Ref: 'AWS::NoValue' }, 2] };

    expect(new Resolver(scope()).resolve(value)).toEqual({ b: [2] });
  });

  it('the Condition of an IAM statement is data, not a reference', () => {
    const statement = { Condition: { Bool: { 'aws:SecureTransport': 'false' } } };

    expect(new Resolver(scope()).resolve(statement)).toEqual(statement);
  });

  it('an unknown map key is named', () => {
    expect(() => new Resolver(scope()).resolve({ 'Fn::FindInMap': ['Sizes', 'large', 'memory'] })).toThrow(
      'Unable to get mapping for Sizes::large::memory',
    );
  });
});

describe('templates', () => {
  it('YAML short forms read like their long forms', () => {
    const yaml = `
AWSTemplateFormatVersion: 2010-09-09
Resources:
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub "\${AWS::StackName}-jobs"
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt Dead.Letters.Arn
        maxReceiveCount: !If [IsProd, 5, !Ref Count]
      Tags: !If
        - IsProd
        - - Key: a
            Value: !Join ['-', [a, !Select [0, !GetAZs '']]]
        - !Ref AWS::NoValue
Conditions:
  IsProd: !And
    - !Not [!Equals [!Ref Stage, dev]]
    - !Condition Other
`;
    expect(parseTemplate(yaml)).toEqual({
      AWSTemplateFormatVersion: '2010-09-09',
      Resources: {
        Jobs: {
          Type: 'AWS::SQS::Queue',
          Properties: {
            QueueName: { 'Fn::Sub': '${AWS::StackName}-jobs' },
            RedrivePolicy: {
              deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Letters.Arn'] },
              maxReceiveCount: { 'Fn::If': ['IsProd', 5, { Ref: 'Count' }] },
            },
            Tags: {
              'Fn::If': [
                'IsProd',
                [
                  {
                    Key: 'a',
                    Value: { 'Fn::Join': ['-', ['a', { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }]] },
                  },
                ],
                { Ref: 'AWS::NoValue' },
              ],
            },
          },
        },
      },
      Conditions: {
        IsProd: { 'Fn::And': [{ 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'Stage' }, 'dev'] }] }, { Condition: 'Other' }] },
      },
    });
  });

  it.each([
    ['a:\n  b: [{\n    c: 1\n  }]\n  d: 2\n', { a: { b: [{ c: 1 }], d: 2 } }],
    ['a:\n  b:\n    c: [\n  !Ref X,\n  !Ref Y\n  ]\n  d: 2\n', { a: { b: { c: [{ Ref: 'X' }, { Ref: 'Y' }] }, d: 2 } }],
    ['a:\n  b: "{\n    \\"x\\"\n  }"\n  c: "1"\n', { a: { b: '{ "x" }', c: '1' } }],
    ['a:\n  b: "{\n  }"\n  c: \'one\ntwo\'\nd: 2\n', { a: { b: '{ }', c: 'one two' }, d: 2 }],
  ])('%j has brackets and quotes that may end anywhere in their line', (body, template) => {
    expect(parseTemplate(body)).toEqual(template);
  });

  it.each([
    ['{"Resources": ', 'JSON not well-formed'],
    ['a: [1', 'YAML not well-formed'],
    ['a: "1\nb: 2', 'YAML not well-formed'],
    ["a: 'it's'\nb: 2", 'YAML not well-formed'],
    ['just text', 'unsupported structure'],
    ['{"Resources": {}}', 'At least one Resources member'],
    ['{"Resources": {"A": {"Type": "AWS::SQS::Queue"}}, "Foo": 1}', 'Invalid template property or properties [Foo]'],
    ['{"Resources": {"A": {"Type": "AWS::SQS::Queue"}}, "Transform": "AWS::Serverless-2016-10-31"}', 'Transform'],
    ['{"Resources": {"A-b": {"Type": "AWS::SQS::Queue"}}}', 'Resource name A-b is non alphanumeric'],
  ])('%s is refused', (body, message) => {
    expect(() => readTemplate(parseTemplate(body))).toThrow(message);
  });

  it('what lets somebody in comes before what may need it', () => {
    const { resources } = readTemplate({
      Resources: {
        Filter: { Type: 'AWS::Logs::SubscriptionFilter', Properties: { DestinationArn: { 'Fn::GetAtt': 'F.Arn' } } },
        F: { Type: 'AWS::Lambda::Function' },
        Other: { Type: 'AWS::SQS::Queue' },
        P: { Type: 'AWS::Lambda::Permission', Properties: { FunctionName: { Ref: 'F' } } },
      },
    });
    expect(dependencyOrder(resources)).toEqual(['F', 'P', 'Filter', 'Other']);
  });

  it('resources come after what they need', () => {
    const { resources } = readTemplate({
      Resources: {
        Mapping: { Type: 'T', Properties: { a: { 'Fn::Sub': '${Queue.Arn}' } }, DependsOn: 'Role' },
        Queue: { Type: 'T', Properties: { dead: { 'Fn::GetAtt': ['Dead', 'Arn'] } } },
        Role: { Type: 'T' },
        Dead: { Type: 'T' },
      },
    });

    expect(dependencyOrder(resources)).toEqual(['Role', 'Dead', 'Queue', 'Mapping']);
  });

  it('a circle is named', () => {
    const { resources } = readTemplate({
      Resources: {
        A: { Type: 'T', Properties: { b: { Ref: 'B' } } },
        B: { Type: 'T', DependsOn: ['C'] },
        C: { Type: 'T', Properties: { a: { Ref: 'A' } } },
      },
    });

    expect(() => dependencyOrder(resources)).toThrow('Circular dependency between resources: [A, B, C]');
  });
});

describe('parameters', () => {
  const lookUp = async (name: string) => `value of ${name}`;

  it('a given value wins over the previous one, which is used when asked for, and over the default', async () => {
    const definitions = {
      A: { Type: 'String', Default: 'default' },
      B: { Type: 'String' },
      C: { Type: 'Number', Default: 3 },
    };
    const given = [
      { ParameterKey: 'A', ParameterValue: 'given' },
      { ParameterKey: 'B', UsePreviousValue: true },
    ];

    const resolved = await resolveParameters(definitions, given, { A: 'before', B: 'before' }, lookUp);

    expect(Object.values(resolved).map(({ resolved }) => resolved)).toEqual(['given', 'before', '3']);
  });

  it('a value may not be given beside the wish for the previous one', async () => {
    const both = { ParameterKey: 'A', ParameterValue: 'given', UsePreviousValue: true };

    await expect(resolveParameters({ A: { Type: 'String' } }, [both], { A: 'before' }, lookUp)).rejects.toThrow(
      'Cannot specify usePreviousValue as true and non empty value for a parameter',
    );
  });

  it('lists are split and SSM parameters looked up', async () => {
    const definitions = {
      Zones: { Type: 'CommaDelimitedList', Default: 'a, b' },
      Version: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk/version' },
    };

    const { Zones, Version } = await resolveParameters(definitions, [], {}, lookUp);

    expect(Zones?.resolved).toEqual(['a', 'b']);
    expect(Version).toMatchObject({ value: '/cdk/version', resolved: 'value of /cdk/version' });
  });

  it.each([
    [{ Type: 'String' }, [], 'Parameters: [P] must have values'],
    [{ Type: 'String', AllowedValues: ['a'] }, 'b', "Parameter 'P' must be one of AllowedValues"],
    [{ Type: 'String', AllowedPattern: '[a-z]+' }, 'B', "Parameter 'P' must match pattern [a-z]+"],
    [
      { Type: 'String', AllowedPattern: 'x', ConstraintDescription: 'say x' },
      'y',
      'failed to satisfy constraint: say x',
    ],
    [{ Type: 'String', MinLength: 2 }, 'a', 'must contain at least 2 characters'],
    [{ Type: 'String', MaxLength: '2' }, 'abc', 'must contain at most 2 characters'],
    [{ Type: 'Number' }, 'many', "Parameter 'P' must be a number."],
    [{ Type: 'Number', MinValue: 1 }, '0', 'must be a number not less than 1'],
    [{ Type: 'Number', MaxValue: 1 }, '2', 'must be a number not greater than 1'],
    [{ Type: 'Text' }, 'a', 'Unrecognized parameter type: Text'],
    [{ Type: 'AWS::EC2::VPC::Id' }, 'a', 'parameter type AWS::EC2::VPC::Id'],
  ])('%j refuses %j', async (definition, value, message) => {
    const given = typeof value === 'string' ? [{ ParameterKey: 'P', ParameterValue: value }] : [];

    await expect(resolveParameters({ P: definition as never }, given, {}, lookUp)).rejects.toThrow(message);
  });

  it('a parameter that the template does not have is refused', async () => {
    const given = [{ ParameterKey: 'Other', ParameterValue: 'x' }];

    await expect(resolveParameters({}, given, {}, lookUp)).rejects.toThrow(
      'Parameters: [Other] do not exist in the template',
    );
  });
});
