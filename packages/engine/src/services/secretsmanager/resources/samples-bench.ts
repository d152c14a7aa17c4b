import type { ResourceSamples } from '../../../core/resources/samples-bench.ts';

/** One resource of each type, and what it needs. */
export const samples: ResourceSamples = ({ turn, text, number, Tags, only, att, ref, document }) => ({
  Login: {
    Type: 'AWS::SecretsManager::Secret',
    Properties: {
      Description: text,
      Tags,
      ...only(1, 'SecretString', text),
      ...only(2, 'GenerateSecretString', { PasswordLength: number }),
      ...only(2, 'KmsKeyId', ref('MasterKey')),
    },
  },
  LoginPolicy: {
    Type: 'AWS::SecretsManager::ResourcePolicy',
    Properties: {
      SecretId: ref('Login'),
      ResourcePolicy: document('secretsmanager:GetSecretValue', '*', `s${turn}.amazonaws.com`),
    },
  },
  LoginRotation: {
    Type: 'AWS::SecretsManager::RotationSchedule',
    DependsOn: 'MayRotate',
    Properties: {
      SecretId: ref('Login'),
      RotationLambdaARN: att('Worker'),
      RotationRules: { AutomaticallyAfterDays: number },
      RotateImmediatelyOnUpdate: false,
    },
  },
});
