import { assumedRoleArn } from '@holdfast/aws-model';
import type { RequestContext } from '@holdfast/engine';
import type { RequestObserver } from '../gateway/request-observer.ts';
import type { ExecutionEnvironment } from './environment.ts';

/** Knows the requests that environments make by the credentials that each was given. */
export class EnvironmentRequests {
  readonly #byAccessKey = new Map<string, ExecutionEnvironment>();

  add(environment: ExecutionEnvironment): void {
    this.#byAccessKey.set(environment.accessKeyId, environment);
  }

  delete(environment: ExecutionEnvironment): void {
    this.#byAccessKey.delete(environment.accessKeyId);
  }

  /** Whose credentials these are. */
  identify(accessKeyId: string): { readonly account: string; readonly arn: string } | undefined {
    const spec = this.#byAccessKey.get(accessKeyId)?.spec;
    if (spec === undefined) return undefined;
    const role = spec.roleArn.split('/').at(-1) ?? '';
    // The session has the name of the function; a single character would be too short for a session.
    const session = spec.functionName.length === 1 ? `${spec.functionName}@lambda_function` : spec.functionName;
    return { account: spec.account, arn: assumedRoleArn(spec.account, role, session) };
  }

  /** Whether who has these credentials is an environment that lives in the engine's time. */
  livesInEngineTime(accessKeyId: string): boolean {
    return this.#byAccessKey.get(accessKeyId)?.livesInEngineTime === true;
  }

  /** Follows a request, so that it is known which environment only waits. */
  observe(context: RequestContext): RequestObserver | undefined {
    const environment = context.accessKeyId === undefined ? undefined : this.#byAccessKey.get(context.accessKeyId);
    if (environment === undefined) return undefined;
    environment.requestsBusy += 1;
    environment.touched();
    let isParked = false;
    const unpark = (): void => {
      if (!isParked) return;
      isParked = false;
      environment.requestsParked -= 1;
      environment.requestsBusy += 1;
      environment.touched();
    };
    return {
      parked: () => {
        isParked = true;
        environment.requestsBusy -= 1;
        environment.requestsParked += 1;
        environment.touched();
      },
      resumed: unpark,
      finished: () => {
        unpark();
        environment.requestsBusy -= 1;
        environment.touched();
      },
    };
  }
}
