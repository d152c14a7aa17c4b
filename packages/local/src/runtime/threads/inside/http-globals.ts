/**
 * `import 'node:http'` reads every export of it, and three of them load undici, a tenth of a cold start, for handlers
 * that hardly ever want a WebSocket. Here they are loaded when they are used. To be called before `http` is imported.
 */
export const loadWebSocketLater = (): void => {
  const http: object = process.getBuiltinModule('node:http');
  for (const name of ['WebSocket', 'CloseEvent', 'MessageEvent']) {
    const load = Object.getOwnPropertyDescriptor(http, name)?.get;
    if (load === undefined) continue;
    const loaded = (): (new () => object) => load.call(http) as new () => object;
    const stand: object = new Proxy(function standIn() {}, {
      get: (_, key) => Reflect.get(loaded(), key) as unknown,
      construct: (_, parts, newTarget) =>
        Reflect.construct(loaded(), parts, newTarget === stand ? loaded() : newTarget),
    });
    Object.defineProperty(http, name, { configurable: true, enumerable: true, writable: true, value: stand });
  }
};
