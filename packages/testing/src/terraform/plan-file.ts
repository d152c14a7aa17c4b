import { readFileSync } from 'node:fs';
import { InvalidInputError } from '@holdfast/local';
import type { TerraformObject, TerraformValue } from './terraform-value.ts';

/** As `terraform show -json` writes it, as far as it is read. @see https://developer.hashicorp.com/terraform/internals/json-format */
export interface TerraformPlan {
  /** It ended before it was whole. */
  readonly errored?: boolean;
  readonly variables?: Readonly<Record<string, { readonly value?: TerraformValue }>>;
  readonly planned_values: {
    readonly root_module: PlannedModule;
    readonly outputs?: Readonly<Record<string, { readonly value?: TerraformValue }>>;
  };
  readonly prior_state?: { readonly values?: { readonly root_module?: PlannedModule } };
  readonly resource_changes?: readonly ResourceChange[];
  readonly configuration: {
    readonly root_module: ConfiguredModule;
    readonly provider_config?: Readonly<Record<string, { readonly expressions?: ProviderExpressions }>>;
  };
}

export interface PlannedResource {
  readonly address: string;
  readonly mode: 'managed' | 'data';
  readonly type: string;
  readonly name: string;
  readonly index?: number | string;
  readonly values: TerraformObject;
}

interface ProviderExpressions {
  readonly region?: { readonly constant_value?: string };
}

/** The root, or one instance of a module. */
export interface PlannedModule {
  readonly address?: string;
  readonly resources?: readonly PlannedResource[];
  readonly child_modules?: readonly PlannedModule[];
}

export interface ResourceChange {
  readonly address: string;
  readonly mode: 'managed' | 'data';
  readonly change: { readonly actions: readonly string[]; readonly after_unknown?: TerraformObject };
}

export interface ConfiguredResource {
  readonly address: string;
  readonly mode: 'managed' | 'data';
  readonly provider_config_key?: string;
  readonly expressions?: Readonly<Record<string, unknown>>;
  readonly depends_on?: readonly string[];
  readonly count_expression?: unknown;
  readonly for_each_expression?: unknown;
}

export interface ModuleCall {
  readonly source: string;
  readonly expressions?: Readonly<Record<string, { readonly constant_value?: TerraformValue }>>;
  readonly depends_on?: readonly string[];
  readonly count_expression?: unknown;
  readonly for_each_expression?: unknown;
  readonly module: ConfiguredModule;
}

export interface ConfiguredModule {
  readonly resources?: readonly ConfiguredResource[];
  readonly module_calls?: Readonly<Record<string, ModuleCall>>;
  readonly outputs?: Readonly<
    Record<string, { readonly expression?: unknown; readonly depends_on?: readonly string[] }>
  >;
  readonly variables?: Readonly<Record<string, { readonly default?: TerraformValue }>>;
}

/** Whether it is a plan, or the state, as JSON: in whatever order, for tools rewrite it. */
export const isTerraformJson = (text: string): boolean =>
  text.includes('"terraform_version"') && text.includes('"format_version"');

/** Resources of modules name the provider of the root, under whatever name the module has it. */
const checkProviders = (
  { provider_config = {} }: TerraformPlan['configuration'],
  { resources = [], module_calls = {} }: ConfiguredModule,
  region: string,
  path = '',
): void => {
  for (const { address, provider_config_key: provider = 'aws' } of resources) {
    const itsRegion = provider_config[provider]?.expressions?.region?.constant_value ?? region;
    if (/(^|:)aws\./.test(provider) || itsRegion !== region) {
      throw new InvalidInputError(
        'source',
        `${path}${address}`,
        `is made by provider ${provider} in ${itsRegion}, and the engine is in ${region}: one region, that of \`startTestEngine({ region })\``,
      );
    }
  }
  for (const [name, { module }] of Object.entries(module_calls)) {
    checkProviders({ provider_config, root_module: module }, module, region, `${path}module.${name}.`);
  }
};

/**
 * Reads a plan that makes things, and only that.
 *
 * @throws InvalidInputError for what is no such plan
 */
export const readPlan = (path: string, region: string): TerraformPlan => {
  const plan = JSON.parse(readFileSync(path, 'utf8')) as Partial<TerraformPlan>;
  if (plan.planned_values === undefined || plan.configuration === undefined) {
    throw new InvalidInputError(
      'source',
      path,
      'is no plan: write it by `terraform plan -out` and `terraform show -json`',
    );
  }
  if (plan.errored === true) {
    throw new InvalidInputError(
      'source',
      path,
      'is a plan that ended in an error, so that it is not whole: plan again',
    );
  }
  for (const { address, mode, change } of plan.resource_changes ?? []) {
    if (mode === 'data' || change.actions.join() === 'create') continue;
    throw new InvalidInputError(
      'source',
      address,
      `is not to be created but ${change.actions.join(' and ')}: what there is already is not in the engine; plan without a state`,
    );
  }
  checkProviders(plan.configuration, plan.configuration.root_module, region);
  return plan as TerraformPlan;
};
