import type { Collection, RequestContext, ServiceEnvironment } from '../../core/index.ts';
import { notFound } from './errors.ts';
import type { StoredApi, StoredDeployment } from './stored.ts';

type Place = Pick<RequestContext, 'account' | 'region'>;

const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

const deploymentKey = (apiId: string, deploymentId: string): string => `${apiId}/${deploymentId}`;

/** All APIs and what is deployed of them; every change is written through. */
export class ApiRegistry {
  readonly environment: ServiceEnvironment;
  readonly #storedApis: Collection<StoredApi>;
  readonly #storedDeployments: Collection<StoredDeployment>;
  readonly #apis = new Map<string, StoredApi>();
  /** By API, by id. */
  readonly #deployments = new Map<string, Map<string, StoredDeployment>>();

  constructor(environment: ServiceEnvironment) {
    this.environment = environment;
    this.#storedApis = environment.store.collection('apigatewayv2.apis');
    this.#storedDeployments = environment.store.collection('apigatewayv2.deployments');
    for (const [apiId, api] of this.#storedApis.entries()) this.#apis.set(apiId, api);
    for (const [, deployment] of this.#storedDeployments.entries()) this.#hold(deployment);
  }

  /** Lower-case letters and digits. */
  newId(length: number): string {
    const { random } = this.environment;
    return Array.from({ length }, () => ID_LETTERS[random.nextUint32() % ID_LETTERS.length]).join('');
  }

  get now(): number {
    return this.environment.clock.now();
  }

  find(apiId: string): StoredApi | undefined {
    return this.#apis.get(apiId);
  }

  get(place: Place, apiId: string | undefined): StoredApi {
    const api = this.#apis.get(apiId ?? '');
    if (api === undefined || api.account !== place.account || api.region !== place.region) {
      throw notFound('API', `${place.account}:${apiId ?? ''}`);
    }
    return api;
  }

  of(place: Place): StoredApi[] {
    return [...this.#apis.values()].filter(
      ({ account, region }) => account === place.account && region === place.region,
    );
  }

  save(api: StoredApi): void {
    this.#apis.set(api.apiId, api);
    this.#storedApis.put(api.apiId, api);
  }

  /** Keeps a change of what is served, and deploys it to the stages that want that. */
  saveAndDeploy(api: StoredApi): void {
    const followers = Object.values(api.stages).filter(({ AutoDeploy }) => AutoDeploy === true);
    if (followers.length === 0 || Object.keys(api.routes).length === 0) {
      this.save(api);
      return;
    }
    const { deploymentId } = this.deploy(api, { isAutomatic: true });
    const stages = Object.fromEntries(
      followers.map((stage) => [
        stage.StageName,
        {
          ...stage,
          DeploymentId: deploymentId,
          LastDeploymentStatusMessage: `Successfully deployed stage with deployment ID '${deploymentId}'`,
          updatedAt: this.now,
        },
      ]),
    );
    this.save({ ...api, stages: { ...api.stages, ...stages } });
    this.sweep(api.apiId);
  }

  delete({ apiId }: StoredApi): void {
    for (const id of this.#deployments.get(apiId)?.keys() ?? []) {
      this.#storedDeployments.delete(deploymentKey(apiId, id));
    }
    this.#deployments.delete(apiId);
    this.#apis.delete(apiId);
    this.#storedApis.delete(apiId);
  }

  /** Takes a picture of the API as it is. */
  deploy(api: StoredApi, more: Pick<StoredDeployment, 'isAutomatic' | 'description'>): StoredDeployment {
    const deployment: StoredDeployment = {
      apiId: api.apiId,
      deploymentId: this.newId(6),
      createdAt: this.now,
      ...more,
      routes: Object.values(api.routes),
      integrations: api.integrations,
      authorizers: api.authorizers,
      cors: api.settings.CorsConfiguration,
    };
    this.saveDeployment(deployment);
    return deployment;
  }

  saveDeployment(deployment: StoredDeployment): void {
    this.#hold(deployment);
    this.#storedDeployments.put(deploymentKey(deployment.apiId, deployment.deploymentId), deployment);
  }

  deployment(apiId: string, deploymentId: string | undefined): StoredDeployment | undefined {
    return this.#deployments.get(apiId)?.get(deploymentId ?? '');
  }

  deploymentsOf(apiId: string): StoredDeployment[] {
    return [...(this.#deployments.get(apiId)?.values() ?? [])];
  }

  deleteDeployment(apiId: string, deploymentId: string): void {
    this.#deployments.get(apiId)?.delete(deploymentId);
    this.#storedDeployments.delete(deploymentKey(apiId, deploymentId));
  }

  /** Drops automatic deployments that no stage serves any more: every change makes one. */
  sweep(apiId: string): void {
    const used = new Set(Object.values(this.#apis.get(apiId)?.stages ?? {}).map(({ DeploymentId }) => DeploymentId));
    for (const { deploymentId, isAutomatic } of this.deploymentsOf(apiId)) {
      if (isAutomatic && !used.has(deploymentId)) this.deleteDeployment(apiId, deploymentId);
    }
  }

  #hold(deployment: StoredDeployment): void {
    const ofApi = this.#deployments.get(deployment.apiId) ?? new Map<string, StoredDeployment>();
    ofApi.set(deployment.deploymentId, deployment);
    this.#deployments.set(deployment.apiId, ofApi);
  }
}
