import { layerArn } from './layer-registry.ts';

/** Layers that everybody may use on AWS, by their names where their accounts differ by region. */
const BY_NAME: readonly (readonly [layer: RegExp, name: string])[] = [
  [/:layer:LambdaInsightsExtension/, 'the layer of CloudWatch Lambda Insights'],
  [/:layer:AWSLambdaPowertools/, 'the layers of Powertools for AWS Lambda'],
  [/:layer:AWS-(?:Parameters-and-Secrets|AppConfig)/, "AWS's extensions for parameters and secrets"],
  [/:layer:(?:AWSSDKPandas|AWSDataWrangler)-/, 'the layers of AWS SDK for pandas'],
  [/:layer:(?:aws-otel-|AWSOpenTelemetryDistro)/, 'the layers of AWS Distro for OpenTelemetry'],
  [/:753240598075:layer:/, 'the layers of AWS Lambda Web Adapter'],
  [/:464622532012:layer:/, 'the layers of Datadog'],
  [/:451483290750:layer:/, 'the layers of New Relic'],
  [/:943013980633:layer:/, 'the layers of Sentry'],
  [/:114300393969:layer:/, 'the layers of Lumigo'],
  [/:770693421928:layer:/, 'the layers of Klayers'],
  [/:(?:534081306603|873528684822):layer:/, 'the layers of Bref'],
  [/:(?:580247275435|017000801446|094274105915|336392948345|901920570463):layer:/, 'public layers of AWS'],
];

/**
 * What people call the public layer that an ARN names; the ARN may still hold `${AWS::Region}`. Their content is not here, and
 * as layers of another account they would be refused for a permission that nobody lacks on AWS.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Lambda-Insights-extension-versions.html
 */
export const publicLayerIn = (arn: string): string | undefined => BY_NAME.find(([layer]) => layer.test(arn))?.[1];

/**
 * The layer of the same name in the function's own account, which stands in for a public one when somebody has published it: a
 * package of the same content, e.g. what pip or npm install.
 */
export const standInFor = (
  arn: string,
  { account, region }: { readonly account: string; readonly region: string },
): string | undefined => {
  const name = /:layer:([a-zA-Z0-9-_]+)/.exec(arn)?.[1];
  return name === undefined ? undefined : layerArn(account, region, name);
};

/** How to have a public layer all the same. */
export const howToStandIn = (arn: string): string =>
  `publish a layer of the same content under its name, ${/:layer:([a-zA-Z0-9-_]+)/.exec(arn)?.[1] ?? arn}, and it stands in`;
