export { cloudFormation } from './descriptor.ts';
