/**
 * `import 'node:http'` reads every export of it, and three of them load undici: a third of the time that this package takes
 * to be imported, for tests that start an engine each. HTTP/2 and HTTPS are loaded when somebody speaks them.
 */
export const http = process.getBuiltinModule('node:http');

export const http2 = () => process.getBuiltinModule('node:http2');

export const https = () => process.getBuiltinModule('node:https');
