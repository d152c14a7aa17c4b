import { readFileSync } from 'node:fs';
import { InvalidInputError } from '@holdfast/local';
import type { TerraformObject, TerraformValue } from './terraform-value.ts';

/** As `terraform show -json` writes it, as far as it is read. @see https://developer.hashicorp.com/terraform/internals/json-format */
export interface TerraformPlan {
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

interface PlannedModule {
  readonly resources?: readonly PlannedResource[];
  readonly child_modules?: readonly { readonly address: string }[];
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
}

interface ConfiguredModule {
  readonly resources?: readonly ConfiguredResource[];
}

/** Whether it is a plan, or the state, as JSON: in whatever order, for tools rewrite it. */
export const isTerraformJson = (text: string): boolean =>
  text.includes('"terraform_version"') && text.includes('"format_version"');

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
  const module = plan.planned_values.root_module.child_modules?.[0];
  if (module !== undefined) {
    throw new InvalidInputError('source', module.address, 'is a module; plans with modules are not played, apply them');
  }
  for (const { address, mode, change } of plan.resource_changes ?? []) {
    if (mode === 'data' || change.actions.join() === 'create') continue;
    throw new InvalidInputError(
      'source',
      address,
      `is not to be created but ${change.actions.join(' and ')}: what there is already is not in the engine; plan without a state`,
    );
  }
  const { root_module, provider_config = {} } = plan.configuration;
  for (const { address, provider_config_key: provider = 'aws' } of root_module.resources ?? []) {
    const itsRegion = provider_config[provider]?.expressions?.region?.constant_value ?? region;
    if (provider.startsWith('aws.') || itsRegion !== region) {
      throw new InvalidInputError(
        'source',
        address,
        `is made by provider ${provider} in ${itsRegion}, and the engine is in ${region}: one region, that of \`startTestEngine({ region })\``,
      );
    }
  }
  return plan as TerraformPlan;
};

/** Addresses of the resources that expressions refer to, without attributes. */
export const referencesIn = (expressions: unknown): readonly string[] => {
  if (Array.isArray(expressions)) return (expressions as readonly unknown[]).flatMap(referencesIn);
  if (typeof expressions !== 'object' || expressions === null) return [];
  return Object.entries(expressions).flatMap(([name, inner]) =>
    name === 'references' && Array.isArray(inner) ? (inner as readonly string[]) : referencesIn(inner),
  );
};
