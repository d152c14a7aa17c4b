import type * as Sdk from '@aws-sdk/client-lambda';
import type { AliasConfiguration } from '@aws-sdk/client-lambda';
import { memberOf, setMember } from '@holdfast/kernel';
import { Constraints, type Operations, operation, type RequestContext } from '../../../core/index.ts';
import { conflict, functionNotFound, notFound, revisionMismatch } from '../errors.ts';
import { locate, qualifiedArn } from '../names.ts';
import { pageOf } from '../paging.ts';
import type { LambdaParts } from '../parts.ts';
import { checkRouting, leadsTo, readRouting } from './alias-routing.ts';
import { type AliasRecord, type FunctionRecord, LATEST } from './function-record.ts';

const NAME = /^(?!^[0-9]+$)([a-zA-Z0-9-_]+)$/;

const describe = (record: FunctionRecord, alias: AliasRecord): AliasConfiguration => ({
  AliasArn: qualifiedArn(record.arn, alias.name),
  Name: alias.name,
  FunctionVersion: alias.version,
  Description: alias.description,
  RevisionId: alias.revisionId,
  ...(alias.additional === undefined
    ? {}
    : { RoutingConfig: { AdditionalVersionWeights: { [alias.additional.version]: alias.additional.weight } } }),
});

/** Aliases: names that point to a version and can be moved. */
export const aliasOperations = ({ environment, registry, provisioned }: LambdaParts): Operations<typeof Sdk> => {
  const functionOf = (name: string | undefined, context: RequestContext): FunctionRecord =>
    registry.resolve(name, undefined, context).record;

  const requireAlias = (record: FunctionRecord, name: string | undefined): AliasRecord => {
    const alias = name === undefined ? undefined : memberOf(record.aliases, name);
    if (alias === undefined) throw notFound(`Cannot find alias arn: ${qualifiedArn(record.arn, name)}`);
    return alias;
  };

  const checkVersion = (record: FunctionRecord, version: string | undefined): void => {
    new Constraints()
      .required('functionVersion', version)
      .pattern('functionVersion', version, /^(\$LATEST|[0-9]+)$/, String.raw`(\$LATEST|[0-9]+)`)
      .check();
    if (version !== LATEST && !record.versions.some((candidate) => candidate.version === version)) {
      throw functionNotFound(qualifiedArn(record.arn, version));
    }
  };

  return {
    CreateAlias: operation(
      ['FunctionName', 'Name', 'FunctionVersion', 'Description', 'RoutingConfig'],
      (input, context) => {
        new Constraints()
          .required('name', input.Name)
          .length('name', input.Name, 1, 128)
          .pattern('name', input.Name, NAME, '(?!^[0-9]+$)([a-zA-Z0-9-_]+)')
          .check();
        const locator = locate(input.FunctionName, undefined, context);
        const record = registry.get(locator.arn);
        if (record === undefined) throw functionNotFound(qualifiedArn(locator.arn, input.FunctionVersion));
        const name = input.Name as string;
        const additional = readRouting(input.RoutingConfig);
        checkVersion(record, input.FunctionVersion);
        checkRouting(record, input.FunctionVersion as string, additional);
        if (Object.hasOwn(record.aliases, name)) {
          throw conflict(`Alias already exists: ${qualifiedArn(record.arn, name)}`);
        }
        const alias: AliasRecord = {
          name,
          version: input.FunctionVersion as string,
          additional,
          description: input.Description ?? '',
          revisionId: environment.ids.uuid(),
        };
        setMember(record.aliases, name, alias);
        registry.save(record);
        return describe(record, alias);
      },
    ),

    GetAlias: operation(['FunctionName', 'Name'], (input, context) => {
      const record = functionOf(input.FunctionName, context);
      return describe(record, requireAlias(record, input.Name));
    }),

    UpdateAlias: operation(
      ['FunctionName', 'Name', 'FunctionVersion', 'Description', 'RoutingConfig', 'RevisionId'],
      (input, context) => {
        const record = functionOf(input.FunctionName, context);
        // Its own words: the other operations say `Cannot find alias arn`.
        if (!Object.hasOwn(record.aliases, input.Name ?? '')) {
          throw notFound(`Alias not found: ${qualifiedArn(record.arn, input.Name)}`);
        }
        const old = requireAlias(record, input.Name);
        if (input.RevisionId !== undefined && input.RevisionId !== old.revisionId) {
          throw revisionMismatch('GetFunction/GetAlias');
        }
        const version = input.FunctionVersion ?? old.version;
        const additional = input.RoutingConfig === undefined ? old.additional : readRouting(input.RoutingConfig);
        if (input.FunctionVersion !== undefined) checkVersion(record, input.FunctionVersion);
        checkRouting(record, version, additional);
        const alias: AliasRecord = {
          name: old.name,
          version,
          additional,
          description: input.Description ?? old.description,
          revisionId: environment.ids.uuid(),
        };
        setMember(record.aliases, old.name, alias);
        registry.save(record);
        provisioned.apply(record);
        return describe(record, alias);
      },
    ),

    DeleteAlias: operation(['FunctionName', 'Name'], (input, context) => {
      const record = functionOf(input.FunctionName, context);
      // Deleting what is not there is no error on AWS either.
      if (input.Name === undefined || !Object.hasOwn(record.aliases, input.Name)) return {};
      delete record.aliases[input.Name];
      delete record.policies[input.Name];
      delete record.eventInvokeConfigs[input.Name];
      provisioned.drop(record, input.Name);
      registry.save(record);
      return {};
    }),

    ListAliases: operation(['FunctionName', 'FunctionVersion', 'Marker', 'MaxItems'], (input, context) => {
      const record = functionOf(input.FunctionName, context);
      const aliases = Object.values(record.aliases)
        .filter((alias) => input.FunctionVersion === undefined || leadsTo(alias, input.FunctionVersion))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const { page, ...next } = pageOf(aliases, input.Marker, input.MaxItems);
      return { Aliases: page.map((alias) => describe(record, alias)), ...next };
    }),
  };
};
