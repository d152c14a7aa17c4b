export { ModelCodecs } from './api-codecs.ts';
export { Gateway } from './gateway.ts';
export type { ControlRequest, ControlResponse, GatewayOptions, RequestObserver } from './options.ts';
