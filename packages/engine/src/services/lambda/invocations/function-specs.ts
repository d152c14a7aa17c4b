import type { FunctionSpec } from '../../../core/index.ts';
import type { FunctionRecord, VersionRecord } from '../functions/function-record.ts';

const specOf = (record: FunctionRecord, version: VersionRecord): FunctionSpec => ({
  account: record.account,
  region: record.region,
  functionName: record.name,
  version: version.version,
  revision: version.revision,
  runtime: version.runtime,
  handler: version.handler,
  timeoutSeconds: version.timeoutSeconds,
  memoryMb: version.memoryMb,
  environment: version.environment ?? {},
  roleArn: version.role,
  code:
    version.code.kind === 'zip'
      ? { kind: 'zip', blobId: version.code.blobId }
      : { kind: 'directory', path: version.code.path },
  logGroup: version.logGroup,
  jsonLogLevel: version.jsonLogging?.applicationLevel,
  layers: version.layers?.map((layer) => layer.blobId),
});

type Specs = WeakMap<FunctionRecord, Map<string, FunctionSpec>>;

/**
 * What the runtime needs to know of versions, made once for each revision: a change that environments do not see, of a
 * permission for instance, leaves it the very object that it was, by which others know what runs alike.
 */
export class FunctionSpecs {
  readonly #onDemand: Specs = new WeakMap();
  readonly #provisioned: Specs = new WeakMap();

  of(record: FunctionRecord, version: VersionRecord, isProvisioned = false): FunctionSpec {
    const specs = isProvisioned ? this.#provisioned : this.#onDemand;
    let ofFunction = specs.get(record);
    if (ofFunction === undefined) {
      ofFunction = new Map();
      specs.set(record, ofFunction);
    }
    let spec = ofFunction.get(version.version);
    if (spec?.revision !== version.revision) {
      spec = specOf(record, version);
      if (isProvisioned) spec = { ...spec, initializationType: 'provisioned-concurrency' };
      ofFunction.set(version.version, spec);
    }
    return spec;
  }
}
