import { queryParameters, valueAt } from '../../core/index.ts';
import { contextValues, type RoutedRequest } from './api-request.ts';
import { own } from './lists.ts';

const asText = (value: unknown): string | undefined => {
  if (value === undefined) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/**
 * Values that an integration takes from a request: `$request.body.id`, `${request.header.x-key}-${context.requestId}`.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
 */
export class RequestMapping {
  readonly #routed: RoutedRequest;
  readonly #body: string;
  #json: unknown;
  #isParsed = false;

  constructor(routed: RoutedRequest) {
    this.#routed = routed;
    this.#body = new TextDecoder().decode(routed.request.body);
  }

  /** The text that a mapping stands for; `undefined` when what it names is not there. */
  resolve(mapping: string): string | undefined {
    if (mapping.startsWith('$') && !mapping.startsWith('${')) return this.#select(mapping.slice(1));
    return mapping.replace(/\$\{([^}]*)\}/g, (_, selector: string) => this.#select(selector) ?? '');
  }

  #select(selector: string): string | undefined {
    const { request, path, pathParameters, stage, route } = this.#routed;
    if (selector === 'request.body') return this.#body;
    if (selector === 'request.path') return path;
    const [, source = '', name = ''] =
      /^(request\.(?:header|querystring|path)|context|stageVariables)\.(.+)$/.exec(selector) ?? [];
    switch (source) {
      case 'request.header':
        return request.headers[name.toLowerCase()];
      case 'request.querystring':
        return own(queryParameters(request.query), name);
      case 'request.path':
        return own(pathParameters, name);
      case 'context':
        return own(contextValues(this.#routed, route.RouteKey, this.#routed.authorized), name);
      case 'stageVariables':
        return own(stage.StageVariables, name);
      default:
        return asText(valueAt(this.#parsed(), `$${selector.slice('request.body'.length)}`));
    }
  }

  #parsed(): unknown {
    if (!this.#isParsed) {
      this.#isParsed = true;
      try {
        this.#json = JSON.parse(this.#body);
      } catch {
        // Nothing can be found in what is no JSON.
      }
    }
    return this.#json;
  }
}
