import { onDemand } from '@holdfast/kernel';
import type { HttpRoute, OperationTable, Service, ServiceEnvironment } from '../../core/index.ts';
import { apiOperations } from './api-operations.ts';
import { apiRoute } from './api-route.ts';
import { ApiServer } from './api-server.ts';
import { authorizerOperations } from './authorizer-operations.ts';
import { Authorizers } from './authorizers.ts';
import { deploymentOperations } from './deployment-operations.ts';
import { integrationOperations } from './integration-operations.ts';
import { ApiRegistry } from './registry.ts';
import { routeOperations } from './route-operations.ts';
import { stageOperations } from './stage-operations.ts';
import { tagOperations } from './tag-operations.ts';

/** Amazon API Gateway: HTTP APIs, from their routes to what functions and services answer. */
export class ApiGatewayService implements Service {
  readonly #operations: () => OperationTable;
  readonly routes: readonly HttpRoute[];

  constructor(environment: ServiceEnvironment) {
    const registry = new ApiRegistry(environment);
    const authorizers = new Authorizers(environment);
    this.routes = [apiRoute(new ApiServer(environment, registry, authorizers))];
    this.#operations = onDemand(() => ({
      ...apiOperations(registry, environment.settings),
      ...authorizerOperations(environment, registry, authorizers),
      ...routeOperations(registry),
      ...integrationOperations(registry),
      ...stageOperations(registry),
      ...deploymentOperations(registry),
      ...tagOperations(registry),
    }));
  }

  get operations(): OperationTable {
    return this.#operations();
  }
}
