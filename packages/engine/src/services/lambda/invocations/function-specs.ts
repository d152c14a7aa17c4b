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

/** What the runtime needs to know of versions, made once for each: versions are replaced, never changed. */
export class FunctionSpecs {
  readonly #onDemand = new WeakMap<VersionRecord, FunctionSpec>();
  readonly #provisioned = new WeakMap<VersionRecord, FunctionSpec>();

  of(record: FunctionRecord, version: VersionRecord, isProvisioned = false): FunctionSpec {
    const specs = isProvisioned ? this.#provisioned : this.#onDemand;
    let spec = specs.get(version);
    if (spec === undefined) {
      spec = specOf(record, version);
      if (isProvisioned) spec = { ...spec, initializationType: 'provisioned-concurrency' };
      specs.set(version, spec);
    }
    return spec;
  }
}
