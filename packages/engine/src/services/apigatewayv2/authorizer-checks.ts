import type { CreateAuthorizerCommandInput } from '@aws-sdk/client-apigatewayv2';
import { notSupported, type ServiceEnvironment } from '../../core/index.ts';
import { badRequest } from './errors.ts';
import { isIdentitySource, isTokenSource } from './identity-sources.ts';
import { functionArnOf } from './integration-checks.ts';

const TTL_MAX_SECONDS = 3_600;
const NAME_MAX = 128;

type Checked = Omit<CreateAuthorizerCommandInput, 'ApiId'>;

const checkJwt = (input: Checked, { http }: ServiceEnvironment): void => {
  const { JwtConfiguration, IdentitySource = [] } = input;
  const { Issuer, Audience = [] } = JwtConfiguration ?? {};
  if (Issuer === undefined) throw badRequest('Issuer is required for JWT authorizers');
  if (Audience.length === 0) throw badRequest('Audience is required for JWT authorizers');
  const [source] = IdentitySource;
  if (IdentitySource.length !== 1 || source === undefined || !isTokenSource(source)) {
    throw badRequest(
      'Invalid IdentitySource specified: JWT authorizers take one of $request.header.<name> or $request.querystring.<name>',
    );
  }
  const others = [
    'AuthorizerCredentialsArn',
    'AuthorizerPayloadFormatVersion',
    'AuthorizerUri',
    'EnableSimpleResponses',
  ] as const;
  const other = others.find((name) => input[name] !== undefined);
  if (other !== undefined) throw badRequest(`${other} cannot be specified for JWT authorizers`);
  if ((input.AuthorizerResultTtlInSeconds ?? 0) > 0) {
    throw badRequest('AuthorizerResultTtlInSeconds cannot be specified for JWT authorizers');
  }
  const refusal = http.refusalOf(Issuer);
  if (refusal !== undefined) throw notSupported(`JWT authorizers with the issuer ${Issuer}: ${refusal}`);
};

const checkFunction = (input: Checked): void => {
  const { AuthorizerUri, AuthorizerPayloadFormatVersion: format, IdentitySource = [], EnableSimpleResponses } = input;
  if (input.JwtConfiguration !== undefined) {
    throw badRequest('JwtConfiguration cannot be specified for REQUEST authorizers');
  }
  if (AuthorizerUri === undefined || functionArnOf(AuthorizerUri) === undefined) {
    throw badRequest(
      `Invalid Authorizer URI: ${AuthorizerUri}. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation.`,
    );
  }
  if (format !== '1.0' && format !== '2.0') {
    throw badRequest('AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizer: 1.0 or 2.0');
  }
  if (EnableSimpleResponses === true && format === '1.0') {
    throw badRequest('EnableSimpleResponses is only supported with AuthorizerPayloadFormatVersion 2.0');
  }
  const wrong = IdentitySource.find((source) => !isIdentitySource(source));
  if (wrong !== undefined) throw badRequest(`Invalid IdentitySource specified: ${wrong}`);
  if ((input.AuthorizerResultTtlInSeconds ?? 0) > 0 && IdentitySource.length === 0) {
    throw badRequest('Caching of authorizer results needs an identity source');
  }
};

/** @throws what AWS says of an authorizer that cannot be, or the name of what is not modelled */
export const checkAuthorizer = (input: Checked, environment: ServiceEnvironment): void => {
  const { Name, AuthorizerType, AuthorizerResultTtlInSeconds: ttl } = input;
  if (Name === undefined || Name.length < 1 || Name.length > NAME_MAX) {
    throw badRequest(`Invalid authorizer name specified: from 1 to ${NAME_MAX} characters`);
  }
  if (ttl !== undefined && (!Number.isInteger(ttl) || ttl < 0 || ttl > TTL_MAX_SECONDS)) {
    throw badRequest(`AuthorizerResultTtlInSeconds must be between 0 and ${TTL_MAX_SECONDS}`);
  }
  if (AuthorizerType === 'JWT') checkJwt(input, environment);
  else if (AuthorizerType === 'REQUEST') checkFunction(input);
  else throw badRequest(`Invalid authorizer type specified: ${AuthorizerType}`);
};
