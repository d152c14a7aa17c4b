/** Where a deployment goes: any way to call AWS actions, in process or over the wire. */
export interface DeployTarget {
  readonly account: string;
  readonly region: string;
  /** Inputs and outputs have the shapes of the SDK's command types; `service` is the engine's id, e.g. `s3`. */
  call<Output = unknown>(service: string, action: string, input: object): Promise<Output>;
}

/** Fills in `${AWS::AccountId}` and its like, which CDK leaves in assemblies that fit every environment. */
export const fillPlaceholders = (text: string, { account, region }: DeployTarget): string =>
  text
    .replace(/\$\{AWS::AccountId\}/g, account)
    .replace(/\$\{AWS::Region\}/g, region)
    .replace(/\$\{AWS::Partition\}/g, 'aws');

/** Where `cdk bootstrap` has assets uploaded to. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: placeholders of CDK.
export const ASSET_BUCKET = 'cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}';

/** `s3://bucket/key` as the URL that CloudFormation takes. */
export const httpsUrl = (s3Url: string, { region }: DeployTarget): string => {
  const { hostname, pathname } = new URL(s3Url);
  return `https://${hostname}.s3.${region}.amazonaws.com${pathname}`;
};
