import type { Api, Authorizer, Cors, Integration, Route, Stage } from '@aws-sdk/client-apigatewayv2';

/** What the caller says of an API. */
export type ApiSettings = Pick<
  Api,
  'Description' | 'CorsConfiguration' | 'DisableExecuteApiEndpoint' | 'IpAddressType' | 'Version' | 'ApiGatewayManaged'
> & { readonly Name: string };

export type StoredStage = Omit<Stage, 'CreatedDate' | 'LastUpdatedDate' | 'Tags' | 'StageName'> & {
  readonly StageName: string;
  readonly createdAt: number;
  readonly updatedAt: number;
};

/** An API with all that belongs to it but its deployments. Routes and integrations are by id, stages by name. */
export interface StoredApi {
  readonly account: string;
  readonly region: string;
  readonly apiId: string;
  readonly settings: ApiSettings;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly routes: Readonly<Record<string, Route>>;
  readonly integrations: Readonly<Record<string, Integration>>;
  readonly authorizers?: Readonly<Record<string, Authorizer>> | undefined;
  readonly stages: Readonly<Record<string, StoredStage>>;
  /** Of stages, by name. */
  readonly stageTags: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What a stage serves: the API as it was when it was deployed. */
export interface StoredDeployment {
  readonly apiId: string;
  readonly deploymentId: string;
  readonly createdAt: number;
  readonly description?: string | undefined;
  readonly isAutomatic: boolean;
  readonly routes: readonly Route[];
  readonly integrations: Readonly<Record<string, Integration>>;
  readonly authorizers?: Readonly<Record<string, Authorizer>> | undefined;
  readonly cors?: Cors | undefined;
}
