export { ModelCodecs } from './api-codecs.ts';
export { Gateway } from './gateway.ts';
export type { ControlRequest, GatewayOptions } from './options.ts';
