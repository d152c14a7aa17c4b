import { queryParameters } from '../../core/index.ts';
import { contextValues, type RoutedRequest } from './api-request.ts';
import { own } from './lists.ts';

const SOURCE = /^\$(request\.header|request\.querystring|context|stageVariables)\.([A-Za-z0-9_.-]+)$/;

export const isIdentitySource = (source: string): boolean => SOURCE.test(source);

/** Whether a token of a JWT can come from there. */
export const isTokenSource = (source: string): boolean => /^\$request\.(header|querystring)\./.test(source);

/** The value that an identity source names; `undefined` when it is missing or empty. */
export const identityOf = (source: string, routed: RoutedRequest): string | undefined => {
  const [, kind = '', name = ''] = SOURCE.exec(source) ?? [];
  const { request, stage, route } = routed;
  const value =
    kind === 'request.header'
      ? own(request.headers, name.toLowerCase())
      : kind === 'request.querystring'
        ? own(queryParameters(request.query), name)
        : kind === 'context'
          ? own(contextValues(routed, route.RouteKey), name)
          : own(stage.StageVariables, name);
  return value === '' ? undefined : value;
};
