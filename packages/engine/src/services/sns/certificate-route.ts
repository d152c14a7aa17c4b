import type { HttpRoute, ServiceEnvironment } from '../../core/index.ts';
import { certificateName } from './envelope.ts';

/** `GET /_holdfast/sns/SimpleNotificationService-<fingerprint>.pem`: what signatures are checked against. */
export const certificateRoute = ({ signer, digest }: ServiceEnvironment): HttpRoute => ({
  path: 'sns',
  answer: ({ method, path }) =>
    method === 'GET' && path === `/${certificateName(digest.md5Hex(signer.certificate))}`
      ? { status: 200, headers: ['Content-Type', 'application/x-pem-file'], body: signer.certificate }
      : undefined,
});
