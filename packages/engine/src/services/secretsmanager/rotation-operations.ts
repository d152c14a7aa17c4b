import type * as Sdk from '@aws-sdk/client-secrets-manager';
import type { RotateSecretCommandInput } from '@aws-sdk/client-secrets-manager';
import { Constraints, type Operations, operation, type ServiceEnvironment, ServiceError } from '../../core/index.ts';
import { checkSecretId } from './checks.ts';
import { invalidParameter, invalidRequest } from './errors.ts';
import type { SecretRegistry } from './registry.ts';
import { nextRotation, type Rotations } from './rotation.ts';
import { checkAccess } from './secret-policy.ts';
import { CURRENT, PENDING, type StoredRotation, type StoredSecret } from './stored.ts';
import { versionAt } from './versions.ts';

const PRINCIPAL = 'secretsmanager.amazonaws.com';

const settingsOf = (input: RotateSecretCommandInput, before: StoredRotation | undefined): StoredRotation => {
  const lambdaArn = input.RotationLambdaARN ?? before?.lambdaArn;
  if (lambdaArn === undefined || lambdaArn === '') {
    throw invalidRequest('No Lambda rotation function ARN is associated with this secret.');
  }
  const {
    AutomaticallyAfterDays: afterDays,
    ScheduleExpression: expression,
    Duration: duration,
  } = input.RotationRules ?? {};
  if (afterDays !== undefined && expression !== undefined) {
    throw invalidParameter('You can specify either AutomaticallyAfterDays or ScheduleExpression, not both.');
  }
  const rules = input.RotationRules === undefined ? before : { afterDays, expression, duration };
  return {
    lambdaArn,
    afterDays: rules?.afterDays,
    expression: rules?.expression,
    duration: rules?.duration,
    isEnabled: true,
  };
};

/** Rotation of secrets by a function. */
export const rotationOperations = (
  environment: ServiceEnvironment,
  registry: SecretRegistry,
  rotations: Rotations,
): Operations<typeof Sdk> => {
  const open = (secretId: string | undefined, action: string, context: Parameters<typeof checkAccess>[2]) => {
    const secret = registry.living(checkSecretId(secretId), context);
    checkAccess(secret, action, context);
    return secret;
  };

  const checkFunction = (lambdaArn: string, { arn, account }: StoredSecret): void => {
    const senders = [{ principal: PRINCIPAL, sourceArn: arn, sourceAccount: account }, { principal: PRINCIPAL }];
    if (senders.some((sender) => environment.deliver.accepts(lambdaArn, sender))) return;
    throw new ServiceError(
      'AccessDeniedException',
      'Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.',
      400,
    );
  };

  return {
    RotateSecret: operation(
      ['SecretId', 'ClientRequestToken', 'RotationLambdaARN', 'RotationRules', 'RotateImmediately'],
      (input, context) => {
        new Constraints()
          .length('clientRequestToken', input.ClientRequestToken, 32, 64)
          .range('rotationRules.automaticallyAfterDays', input.RotationRules?.AutomaticallyAfterDays, 1, 1_000)
          .pattern('rotationRules.duration', input.RotationRules?.Duration, /^[0-9]+h$/, '[0-9]+h')
          .check();
        const secret = open(input.SecretId, 'RotateSecret', context);
        const rotation = settingsOf(input, secret.rotation);
        checkFunction(rotation.lambdaArn, secret);
        const pending = versionAt(secret, PENDING);
        const isOpen = pending !== undefined && pending.id !== versionAt(secret, CURRENT)?.id;
        if (secret.rotation?.running !== undefined || isOpen) {
          throw invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.");
        }
        const nextAt = nextRotation(rotation, context.now);
        const scheduled = registry.put({ ...secret, rotation: { ...rotation, nextAt } });
        const named = { ARN: secret.arn, Name: secret.name };
        if (input.RotateImmediately === false) {
          rotations.schedule(scheduled);
          return named;
        }
        const VersionId = input.ClientRequestToken ?? environment.ids.uuid();
        rotations.begin(scheduled, VersionId);
        return { ...named, VersionId };
      },
    ),
    CancelRotateSecret: operation(['SecretId'], (input, context) => {
      const secret = open(input.SecretId, 'CancelRotateSecret', context);
      const { rotation } = secret;
      if (rotation === undefined) {
        throw invalidRequest('You tried to cancel rotation of a secret that has no rotation.');
      }
      const { running, nextAt: _, ...kept } = rotation;
      registry.put({ ...secret, rotation: { ...kept, isEnabled: false } });
      return { ARN: secret.arn, Name: secret.name, ...(running === undefined ? {} : { VersionId: running.token }) };
    }),
  };
};
