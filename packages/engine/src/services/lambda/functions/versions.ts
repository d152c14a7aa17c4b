import type * as Sdk from '@aws-sdk/client-lambda';
import { type Operations, operation } from '../../../core/index.ts';
import { invalidParameter, revisionMismatch } from '../errors.ts';
import { pageOf } from '../paging.ts';
import type { LambdaParts } from '../parts.ts';
import { describeVersion } from './configuration.ts';
import type { FunctionRecord, VersionRecord } from './function-record.ts';

/** Freezes `$LATEST` as the next version; when nothing changed since the last one, that one is the answer. */
export const publishVersion = (
  { environment, registry }: LambdaParts,
  record: FunctionRecord,
  description: string | undefined,
  now: number,
): VersionRecord => {
  const last = record.versions.at(-1);
  if (last !== undefined && last.revision === record.latest.revision) return last;
  const published: VersionRecord = {
    ...record.latest,
    version: String(record.lastVersionNumber + 1),
    description: description ?? record.latest.description,
    lastModifiedAt: now,
    revisionId: environment.ids.uuid(),
  };
  record.lastVersionNumber += 1;
  record.versions = [...record.versions, published];
  record.latest = { ...record.latest, revisionId: environment.ids.uuid() };
  registry.save(record);
  return published;
};

/** Versions: immutable snapshots of code and configuration. */
export const versionOperations = (parts: LambdaParts): Operations<typeof Sdk> => ({
  PublishVersion: operation(['FunctionName', 'CodeSha256', 'Description', 'RevisionId'], (input, context) => {
    const { record } = parts.registry.resolve(input.FunctionName, undefined, context);
    const actual = record.latest.code.sha256Base64;
    if (input.CodeSha256 !== undefined && input.CodeSha256 !== '' && input.CodeSha256 !== actual) {
      throw invalidParameter(
        `CodeSHA256 (${input.CodeSha256}) is different from current CodeSHA256 in $LATEST (${actual}). Please try again with the CodeSHA256 in $LATEST.`,
      );
    }
    if (input.RevisionId !== undefined && input.RevisionId !== record.latest.revisionId) {
      throw revisionMismatch('GetFunction/GetAlias');
    }
    const published = publishVersion(parts, record, input.Description, context.now);
    return describeVersion(record, published, undefined);
  }),

  ListVersionsByFunction: operation(['FunctionName', 'Marker', 'MaxItems'], (input, context) => {
    const { record } = parts.registry.resolve(input.FunctionName, undefined, context);
    const { page, ...next } = pageOf([record.latest, ...record.versions], input.Marker, input.MaxItems);
    return {
      Versions: page.map((version) => describeVersion(record, version, version.version, 'listed')),
      ...next,
    };
  }),
});
