export { LambdaService } from './service.ts';
export type { UrlRequest, UrlResponse } from './urls/http-event.ts';
