import { buildApp } from './app.ts';

/*
 * The app as the CDK's command runs it, which hands it context and output directory:
 * `cdk deploy --app "node packages/stacks/src/cdk-app.ts" -c envName=staging IngestionLab`.
 */
buildApp().synth();
