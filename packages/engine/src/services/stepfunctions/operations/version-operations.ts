import type * as Sdk from '@aws-sdk/client-sfn';
import type { RoutingConfigurationListItem } from '@aws-sdk/client-sfn';
import { Constraints, type Operations, operation, ServiceError } from '../../../core/index.ts';
import { readArn } from '../arns.ts';
import { conflict, validation } from '../errors.ts';
import { type StoredAlias, type StoredMachine, versionArn } from '../machines.ts';
import type { StatesWiring } from '../wiring.ts';
import { takePage } from './paging.ts';

export const versionOperations = (wiring: StatesWiring): Operations<typeof Sdk> => {
  const { machines } = wiring;
  return {
    PublishStateMachineVersion: operation(['stateMachineArn', 'revisionId', 'description'], (input) => {
      const machine = machines.machine(input.stateMachineArn);
      const current = machine.revision.isFirst ? 'INITIAL' : machine.revision.revisionId;
      const wanted = input.revisionId;
      if (wanted !== undefined && wanted !== current && wanted !== machine.revision.revisionId) {
        throw conflict(
          `Failed to publish the State Machine version for revision ${wanted}. The current State Machine revision is ${current}.`,
        );
      }
      const { version } = machines.publish(machine, input.description);
      return {
        stateMachineVersionArn: versionArn(machine, version.number),
        creationDate: new Date(version.createdAt),
      };
    }),
    DeleteStateMachineVersion: operation(['stateMachineVersionArn'], (input) => {
      const arn = input.stateMachineVersionArn ?? '';
      const read = readArn(arn);
      if (read.kind !== 'stateMachine' || !/^\d+$/.test(read.qualifier ?? '')) {
        throw validation(`Invalid state machine version ARN: ${arn}`);
      }
      const machine = machines.machines.get(read.machineArn);
      if (machine === undefined) return {};
      const users = machines
        .aliasesOf(machine.arn)
        .filter((alias) => alias.routes.some((route) => route.versionArn === arn));
      if (users.length > 0) {
        throw conflict(
          `Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [${users.map(({ name }) => name).join(', ')}]`,
        );
      }
      const versions = machine.versions.filter(({ number }) => versionArn(machine, number) !== arn);
      machines.machines.put({ ...machine, versions });
      return {};
    }),
    ListStateMachineVersions: operation(['stateMachineArn', 'maxResults', 'nextToken'], (input) => {
      const machine = machines.machine(input.stateMachineArn);
      const { page, nextToken } = takePage([...machine.versions].reverse(), input, { scope: machine.arn });
      return {
        stateMachineVersions: page.map(({ number, createdAt }) => ({
          stateMachineVersionArn: versionArn(machine, number),
          creationDate: new Date(createdAt),
        })),
        nextToken,
      };
    }),
    ...aliasOperations(wiring),
  };
};

const ALIAS_NAME = /^(?=.*[a-zA-Z_\-.])[a-zA-Z0-9_\-.]+$/;
const ALIAS_NAME_SHOWN = '^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$';

const aliasMissing = (): ServiceError =>
  new ServiceError('ResourceNotFound', 'Request references a resource that does not exist.', 400);

const aliasOperations = (wiring: StatesWiring): Operations<typeof Sdk> => {
  const { machines } = wiring;
  const find = (arn: string | undefined): StoredAlias => {
    readArn(arn ?? '');
    const alias = machines.aliases.get(arn ?? '');
    if (alias === undefined) throw aliasMissing();
    return alias;
  };
  return {
    CreateStateMachineAlias: operation(['name', 'description', 'routingConfiguration'], (input, context) => {
      const name = input.name ?? '';
      const constraints = new Constraints().required('name', input.name).length('name', name, 1, 80);
      if (name.length <= 80 && !ALIAS_NAME.test(name)) constraints.pattern('name', name, ALIAS_NAME, ALIAS_NAME_SHOWN);
      checkRouteShapes(constraints, input.routingConfiguration);
      constraints.check();
      const { machine, routes } = routesOf(wiring, input.routingConfiguration ?? []);
      const arn = `${machine.arn}:${name}`;
      const existing = machines.aliases.get(arn);
      if (existing !== undefined) {
        const isSame =
          JSON.stringify(existing.routes) === JSON.stringify(routes) && existing.description === input.description;
        if (!isSame) {
          throw conflict(
            'Failed to create alias because an alias with the same name and a different routing configuration already exists.',
          );
        }
        return { stateMachineAliasArn: arn, creationDate: new Date(existing.createdAt) };
      }
      const { now } = context;
      const { description } = input;
      machines.aliases.put({
        arn,
        name,
        machineArn: machine.arn,
        description,
        routes,
        createdAt: now,
        updatedAt: now,
      });
      return { stateMachineAliasArn: arn, creationDate: new Date(now) };
    }),
    UpdateStateMachineAlias: operation(
      ['stateMachineAliasArn', 'description', 'routingConfiguration'],
      (input, context) => {
        const constraints = new Constraints();
        checkRouteShapes(constraints, input.routingConfiguration);
        constraints.check();
        const alias = find(input.stateMachineAliasArn);
        if (input.description === undefined && input.routingConfiguration === undefined) {
          throw validation('Either the description or the routing configuration must be specified');
        }
        const given = input.routingConfiguration;
        const routes = given === undefined ? alias.routes : routesOf(wiring, given).routes;
        const description = input.description ?? alias.description;
        machines.aliases.put({ ...alias, routes, description, updatedAt: context.now });
        return { updateDate: new Date(context.now) };
      },
    ),
    DescribeStateMachineAlias: operation(['stateMachineAliasArn'], (input) => {
      const alias = find(input.stateMachineAliasArn);
      return {
        stateMachineAliasArn: alias.arn,
        name: alias.name,
        ...(alias.description === undefined ? {} : { description: alias.description }),
        routingConfiguration: alias.routes.map(({ versionArn: arn, weight }) => ({
          stateMachineVersionArn: arn,
          weight,
        })),
        creationDate: new Date(alias.createdAt),
        updateDate: new Date(alias.updatedAt),
      };
    }),
    DeleteStateMachineAlias: operation(['stateMachineAliasArn'], (input) => {
      readArn(input.stateMachineAliasArn ?? '');
      machines.aliases.delete(input.stateMachineAliasArn ?? '');
      return {};
    }),
    ListStateMachineAliases: operation(['stateMachineArn', 'maxResults', 'nextToken'], (input) => {
      const { machine, versionArn: ofVersion } = machines.resolve(input.stateMachineArn);
      const all = machines
        .aliasesOf(machine.arn)
        .filter(({ routes }) => ofVersion === undefined || routes.some((route) => route.versionArn === ofVersion))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const { page, nextToken } = takePage(all, input, { scope: input.stateMachineArn ?? '' });
      return {
        stateMachineAliases: page.map(({ arn, createdAt }) => ({
          stateMachineAliasArn: arn,
          creationDate: new Date(createdAt),
        })),
        nextToken,
      };
    }),
  };
};

const checkRouteShapes = (
  constraints: Constraints,
  routes: readonly RoutingConfigurationListItem[] | undefined,
): void => {
  if (routes === undefined) return;
  if (routes.length > 2) {
    const shown = routes.map(
      ({ stateMachineVersionArn, weight }) =>
        `RoutingConfigurationListItem(stateMachineVersionArn=${stateMachineVersionArn}, weight=${weight})`,
    );
    constraints.fail(
      'routingConfiguration',
      `[${shown.join(', ')}]`,
      'Member must have length less than or equal to 2',
    );
  }
  for (const [index, { weight }] of routes.entries()) {
    constraints.range(`routingConfiguration.${index + 1}.member.weight`, weight, 0, 100);
  }
};

const routesOf = (
  { machines }: StatesWiring,
  given: readonly RoutingConfigurationListItem[],
): { readonly machine: StoredMachine; readonly routes: StoredAlias['routes'] } => {
  const arns = given.map(({ stateMachineVersionArn }) => stateMachineVersionArn ?? '');
  const received = `Received: [${arns.join(', ')}]`;
  const read = arns.map(readArn);
  if (read.some((each) => each.kind !== 'stateMachine' || !/^\d+$/.test(each.qualifier ?? ''))) {
    throw validation(`Routing configuration must contain state machine version ARNs. ${received}`);
  }
  if (new Set(arns).size < arns.length) {
    throw validation(`Routing configuration must contain distinct state machine version ARNs. ${received}`);
  }
  const weights = given.map(({ weight }) => weight ?? 0);
  if (weights.reduce((sum, weight) => sum + weight, 0) !== 100) {
    throw validation(`Sum of routing configuration weights must equal 100. Received: [${weights.join(', ')}]`);
  }
  const resolved = arns.map((arn) => machines.resolve(arn).machine);
  const machine = resolved[0] as StoredMachine;
  if (resolved.some(({ arn }) => arn !== machine.arn)) {
    throw validation(`Routing configuration must contain versions of one state machine. ${received}`);
  }
  return { machine, routes: arns.map((arn, index) => ({ versionArn: arn, weight: weights[index] as number })) };
};
