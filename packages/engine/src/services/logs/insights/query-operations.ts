import type * as Sdk from '@aws-sdk/client-cloudwatch-logs';
import { base64OfText, DAY_MS, type EpochMs, InvalidInputError, TookTooLongError } from '@holdfast/kernel';
import {
  Constraints,
  notSupported,
  type Operations,
  operation,
  type RequestContext,
  type ServiceEnvironment,
  ServiceError,
} from '../../../core/index.ts';
import { invalidParameter } from '../errors.ts';
import { pageOf } from '../group-operations.ts';
import { groupNameOf, type LogGroup, type LogGroups } from '../log-groups.ts';
import { eventIdOf, messageBytes } from '../log-stream.ts';
import { LogRecord } from './log-record.ts';
import { parseQuery } from './query-syntax.ts';
import { type QueryAnswer, ROWS_MAX, runQuery } from './run-query.ts';

/** Results are kept so long. */
const KEPT_MS = 7 * DAY_MS;
/** Queries whose results are kept at once. */
const QUERIES_MAX = 1_000;
/** Real time after which a query is given up, for its regular expressions may never end (AWS: an hour). */
const RUN_MS_MAX = 15_000;
/** Log groups of one query. */
const GROUPS_MAX = 50;

interface Query {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly groups: readonly string[];
  readonly text: string;
  readonly createdAt: EpochMs;
  /** None of a query that was given up. */
  readonly answer: QueryAnswer | undefined;
  readonly scanned: number;
  readonly bytes: number;
}

interface StoredDefinition {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly queryString: string;
  readonly logGroupNames: readonly string[];
  readonly modifiedAt: EpochMs;
}

const statusOf = (answer: QueryAnswer | undefined): 'Complete' | 'Timeout' =>
  answer === undefined ? 'Timeout' : 'Complete';

const missing = (what: string): ServiceError => new ServiceError('ResourceNotFoundException', what, 400);

/** Seconds, as documented, or milliseconds, which AWS takes as well. */
const millis = (given: number | undefined): number => ((given ?? 0) > 1e11 ? (given ?? 0) : (given ?? 0) * 1_000);

const checkLanguage = (language: string | undefined): void => {
  if (language !== undefined && language !== 'CWLI') throw notSupported(`queries of logs in ${language}`);
};

/** Operations on queries of log events (Logs Insights) and on saved queries. */
export const queryOperations = (groups: LogGroups, environment: ServiceEnvironment): Operations<typeof Sdk> => {
  const { briefly, ids, store } = environment;
  const queries = new Map<string, Query>();
  const definitions = store.collection<StoredDefinition>('logs.queryDefinitions');
  const saved = new Map<string, StoredDefinition>(definitions.entries());

  const keep = (query: Query): void => {
    queries.set(query.id, query);
    for (const [id, { createdAt }] of queries) {
      if (queries.size <= QUERIES_MAX && createdAt > query.createdAt - KEPT_MS) break;
      queries.delete(id);
    }
  };
  const isOf = ({ account, region }: { readonly account: string; readonly region: string }, context: RequestContext) =>
    account === context.account && region === context.region;
  const named = (id: string | undefined, context: RequestContext): Query => {
    const query = queries.get(id ?? '');
    if (query === undefined || !isOf(query, context)) throw missing(`The specified query ${id} does not exist.`);
    return query;
  };
  const groupsOf = (names: readonly string[], context: RequestContext): LogGroup[] =>
    names.map((name) => {
      const group = groups.find(context.account, context.region, groupNameOf(name));
      if (group === undefined) {
        throw missing(`Log group '${groupNameOf(name)}' does not exist for account ID '${context.account}'`);
      }
      return group;
    });
  const readRecords = (among: readonly LogGroup[], from: EpochMs, to: EpochMs, now: EpochMs) => {
    const records: LogRecord[] = [];
    let bytes = 0;
    for (const group of among) {
      const log = `${group.settings.account}:${group.name}`;
      for (const stream of group.streams.values()) {
        for (const event of stream.forward(Math.max(from, group.cutoff(now)), to)) {
          const pointer = base64OfText(`${stream.id}/${eventIdOf({ at: event[0], sequence: event[2] })}`);
          records.push(new LogRecord(event, stream.name, log, pointer));
          bytes += messageBytes(event[3]);
        }
      }
    }
    return { records: records.sort((a, b) => b.at - a.at), bytes };
  };

  return {
    StartQuery: operation(
      [
        'logGroupName',
        'logGroupNames',
        'logGroupIdentifiers',
        'startTime',
        'endTime',
        'queryString',
        'limit',
        'queryLanguage',
      ],
      (input, context) => {
        new Constraints()
          .required('startTime', input.startTime)
          .required('endTime', input.endTime)
          .required('queryString', input.queryString)
          .range('limit', input.limit, 1, ROWS_MAX)
          .length('queryString', input.queryString, 0, 10_000)
          .check('InvalidParameterException');
        checkLanguage(input.queryLanguage);
        const names = [input.logGroupName ?? [], input.logGroupNames ?? [], input.logGroupIdentifiers ?? []].flat();
        if (names.length === 0) throw invalidParameter('At least one log group must be specified.');
        if (names.length > GROUPS_MAX) throw invalidParameter(`At most ${GROUPS_MAX} log groups can be queried.`);
        const [from, to] = [millis(input.startTime), millis(input.endTime)];
        if (from > to) throw invalidParameter('The start time must be before the end time.');
        const among = groupsOf(names, context);
        const text = input.queryString as string;
        const commands = parseQuery(text);
        const { records, bytes } = readRecords(among, from, to + 999, context.now);
        let answer: QueryAnswer | undefined;
        try {
          answer = briefly(RUN_MS_MAX, () => runQuery(commands, records, context.now, input.limit));
        } catch (error) {
          if (error instanceof InvalidInputError) throw new ServiceError('MalformedQueryException', error.message, 400);
          if (!(error instanceof TookTooLongError)) throw error;
        }
        const id = ids.uuid();
        const sources = among.map(({ name }) => `"${name}"`).join(', ');
        keep({
          id,
          account: context.account,
          region: context.region,
          groups: among.map(({ name }) => name),
          text: `SOURCE ${sources} START=${Math.floor(from / 1_000)}000 END=${Math.floor(to / 1_000)}999 | ${text}`,
          createdAt: context.now,
          answer,
          scanned: records.length,
          bytes,
        });
        return { queryId: id };
      },
    ),
    GetQueryResults: operation(['queryId'], (input, context) => {
      const { answer, scanned, bytes } = named(input.queryId, context);
      return {
        queryLanguage: 'CWLI',
        results: (answer?.rows ?? []).map((row) => [...row]),
        statistics: { recordsMatched: answer?.matched ?? 0, recordsScanned: scanned, bytesScanned: bytes },
        status: statusOf(answer),
      };
    }),
    StopQuery: operation(['queryId'], (input, context) => {
      const { answer } = named(input.queryId, context);
      throw invalidParameter(`The specified query has already ended: its status is ${statusOf(answer)}.`);
    }),
    DescribeQueries: operation(
      ['logGroupName', 'status', 'maxResults', 'nextToken', 'queryLanguage'],
      (input, context) => {
        new Constraints().range('maxResults', input.maxResults, 1, 1_000).check('InvalidParameterException');
        const found = [...queries.values()]
          .filter((query) => isOf(query, context))
          .filter(({ groups: of }) => input.logGroupName === undefined || of.includes(input.logGroupName))
          .filter(({ answer }) => input.status === undefined || input.status === statusOf(answer))
          .reverse();
        const { page, ...next } = pageOf(found, ({ id }) => id, input.nextToken, input.maxResults ?? 1_000);
        return {
          queries: page.map(({ id, groups: of, text, createdAt, answer }) => ({
            queryLanguage: 'CWLI',
            queryId: id,
            queryString: text,
            status: statusOf(answer),
            createTime: createdAt,
            logGroupName: of[0] as string,
          })),
          ...next,
        };
      },
    ),
    PutQueryDefinition: operation(
      ['name', 'queryString', 'logGroupNames', 'queryDefinitionId', 'queryLanguage', 'clientToken'],
      (input, context) => {
        new Constraints()
          .required('name', input.name)
          .required('queryString', input.queryString)
          .length('name', input.name, 1, 255)
          .length('queryString', input.queryString, 1, 10_000)
          .check('InvalidParameterException');
        checkLanguage(input.queryLanguage);
        const known = saved.get(input.queryDefinitionId ?? '');
        if (input.queryDefinitionId !== undefined && (known === undefined || !isOf(known, context))) {
          throw missing('The specified query definition does not exist.');
        }
        const stored: StoredDefinition = {
          id: known?.id ?? ids.uuid(),
          account: context.account,
          region: context.region,
          name: input.name as string,
          queryString: input.queryString as string,
          logGroupNames: input.logGroupNames ?? [],
          modifiedAt: context.now,
        };
        saved.set(stored.id, stored);
        definitions.put(stored.id, stored);
        return { queryDefinitionId: stored.id };
      },
    ),
    DescribeQueryDefinitions: operation(
      ['queryDefinitionNamePrefix', 'maxResults', 'nextToken', 'queryLanguage'],
      (input, context) => {
        new Constraints().range('maxResults', input.maxResults, 1, 1_000).check('InvalidParameterException');
        const found = [...saved.values()]
          .filter((definition) => isOf(definition, context))
          .filter(({ name }) => name.startsWith(input.queryDefinitionNamePrefix ?? ''))
          .sort((a, b) => ((a.name === b.name ? a.id < b.id : a.name < b.name) ? -1 : 1));
        const { page, ...next } = pageOf(found, ({ id }) => id, input.nextToken, input.maxResults ?? 1_000);
        return {
          queryDefinitions: page.map(({ id, name, queryString, logGroupNames, modifiedAt }) => ({
            queryLanguage: 'CWLI',
            queryDefinitionId: id,
            name,
            queryString,
            lastModified: modifiedAt,
            logGroupNames: [...logGroupNames],
          })),
          ...next,
        };
      },
    ),
    DeleteQueryDefinition: operation(['queryDefinitionId'], (input, context) => {
      const known = saved.get(input.queryDefinitionId ?? '');
      if (known === undefined || !isOf(known, context)) throw missing('The specified query definition does not exist.');
      saved.delete(known.id);
      definitions.delete(known.id);
      return { success: true };
    }),
  };
};
