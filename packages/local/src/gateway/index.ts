export { Gateway } from './gateway.ts';
export type { ControlRequest, ControlResponse, GatewayOptions, RequestObserver } from './options.ts';
