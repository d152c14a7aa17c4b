import type { ServiceEnvironment } from '../../core/index.ts';
import { apiMessage, type RoutedRequest } from './api-request.ts';
import { IssuerKeys } from './issuer-keys.ts';
import { authorizeByToken } from './jwt-authorizer.ts';
import { LambdaAuthorizers } from './lambda-authorizers.ts';
import { own } from './lists.ts';
import type { Verdict } from './verdict.ts';

/** Asks the authorizers of routes whether a caller may come in. */
export class Authorizers {
  readonly #environment: ServiceEnvironment;
  readonly #keys: IssuerKeys;
  readonly #functions: LambdaAuthorizers;

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
    this.#keys = new IssuerKeys(environment);
    this.#functions = new LambdaAuthorizers(environment);
  }

  /** `undefined` for a route that is open to everybody. */
  judge(routed: RoutedRequest): Promise<Verdict> | undefined {
    const { AuthorizationType: type, AuthorizerId } = routed.route;
    if (type === undefined || type === 'NONE') return undefined;
    const authorizer = own(routed.deployment.authorizers, AuthorizerId);
    if (authorizer === undefined) {
      const answer = apiMessage(500, 'Internal Server Error');
      return Promise.resolve({ answer, error: `There is no authorizer ${AuthorizerId}.` });
    }
    return type === 'JWT'
      ? authorizeByToken(this.#environment, this.#keys, authorizer, routed)
      : this.#functions.judge(authorizer, routed);
  }

  /** Forgets what functions said: of an API, or of one stage. */
  forget(apiId: string, stage?: string): void {
    this.#functions.forget(apiId, stage);
  }
}
