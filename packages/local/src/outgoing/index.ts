export { HttpClient } from './http-client.ts';
export { rsaSigner } from './rsa-signer.ts';
