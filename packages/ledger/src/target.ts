/** Configuration for SDK clients: AWS, or whatever answers at an endpoint. */
export interface Target {
  readonly endpoint?: string;
  readonly region: string;
  readonly profile?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}
