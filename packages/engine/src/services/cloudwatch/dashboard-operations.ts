import type * as Sdk from '@aws-sdk/client-cloudwatch';
import { makeArn } from '@holdfast/aws-model';
import { type EpochMs, utf8Length } from '@holdfast/kernel';
import {
  type Collection,
  limitedTags,
  type Operations,
  operation,
  readTags,
  ServiceError,
  type Store,
} from '../../core/index.ts';
import { checkDashboardBody } from './dashboard-body.ts';
import { pageOf } from './paging.ts';
import { invalidValue, missingParameter } from './validation.ts';

/** A dashboard as stored. Dashboards belong to an account, not to a region. */
export interface StoredDashboard {
  readonly arn: string;
  readonly account: string;
  readonly name: string;
  readonly body: string;
  readonly modifiedAt: EpochMs;
  readonly tags: Readonly<Record<string, string>>;
}

export const dashboardArnOf = (account: string, name: string): string =>
  makeArn('cloudwatch', '', account, `dashboard/${name}`);

const dashboardMissing = (name: string): ServiceError =>
  new ServiceError('DashboardNotFoundError', `Dashboard ${name} does not exist`, 404);

/** All dashboards; every change is durable when it returns. */
export class DashboardRegistry {
  readonly #dashboards = new Map<string, StoredDashboard>();
  readonly #stored: Collection<StoredDashboard>;

  constructor(store: Store) {
    this.#stored = store.collection('cloudwatch.dashboards');
    for (const [arn, dashboard] of this.#stored.entries()) this.#dashboards.set(arn, dashboard);
  }

  find(account: string, name: string): StoredDashboard | undefined {
    return this.#dashboards.get(dashboardArnOf(account, name));
  }

  list(account: string): StoredDashboard[] {
    return [...this.#dashboards.values()]
      .filter((dashboard) => dashboard.account === account)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  put(dashboard: StoredDashboard): void {
    this.#dashboards.set(dashboard.arn, dashboard);
    this.#stored.put(dashboard.arn, dashboard);
  }

  delete(dashboard: StoredDashboard): void {
    this.#dashboards.delete(dashboard.arn);
    this.#stored.delete(dashboard.arn);
  }
}

/** Operations on dashboards: kept and given back; the console of AWS that draws them is not here. */
export const dashboardOperations = (registry: DashboardRegistry): Operations<typeof Sdk> => ({
  PutDashboard: operation(['DashboardName', 'DashboardBody', 'Tags'], (input, context) => {
    const { DashboardName: name, DashboardBody: body } = input;
    if (name === undefined) throw missingParameter('DashboardName');
    if (body === undefined) throw missingParameter('DashboardBody');
    if (!/^[A-Za-z0-9_-]{1,255}$/.test(name)) {
      throw invalidValue(
        'The value for field DashboardName contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_).\n',
      );
    }
    const { errors, warnings } = checkDashboardBody(body);
    if (errors.length > 0) {
      const listed = errors.map(({ DataPath, Message }) => `${DataPath}: ${Message}`).join('; ');
      throw new ServiceError(
        'DashboardInvalidInputError',
        `The dashboard body is invalid, there are ${errors.length} validation errors: ${listed}`,
        400,
        {
          dashboardValidationMessages: errors,
        },
      );
    }
    const known = registry.find(context.account, name);
    const tags = limitedTags(readTags(input.Tags), invalidValue);
    registry.put({
      arn: dashboardArnOf(context.account, name),
      account: context.account,
      name,
      body,
      modifiedAt: context.now,
      tags: known?.tags ?? tags,
    });
    return { DashboardValidationMessages: warnings };
  }),
  GetDashboard: operation(['DashboardName'], (input, context) => {
    const dashboard = registry.find(context.account, input.DashboardName ?? '');
    if (dashboard === undefined) throw dashboardMissing(input.DashboardName ?? '');
    return { DashboardArn: dashboard.arn, DashboardBody: dashboard.body, DashboardName: dashboard.name };
  }),
  ListDashboards: operation(['DashboardNamePrefix', 'NextToken'], (input, context) => {
    const dashboards = registry
      .list(context.account)
      .filter(({ name }) => name.startsWith(input.DashboardNamePrefix ?? ''));
    const { page, ...next } = pageOf(dashboards, input.NextToken, 1_000);
    return {
      DashboardEntries: page.map(({ name, arn, body, modifiedAt }) => ({
        DashboardName: name,
        DashboardArn: arn,
        LastModified: new Date(modifiedAt),
        Size: utf8Length(body),
      })),
      ...next,
    };
  }),
  DeleteDashboards: operation(['DashboardNames'], (input, context) => {
    if (input.DashboardNames === undefined) throw missingParameter('DashboardNames');
    const dashboards = input.DashboardNames.map((name) => {
      const dashboard = registry.find(context.account, name);
      if (dashboard === undefined) throw dashboardMissing(name);
      return dashboard;
    });
    for (const dashboard of dashboards) registry.delete(dashboard);
    return {};
  }),
});
