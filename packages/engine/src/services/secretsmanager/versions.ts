import { invalidParameter, invalidRequest } from './errors.ts';
import { CURRENT, PREVIOUS, type StoredSecret, type StoredVersion } from './stored.ts';

export const versionAt = ({ versions }: StoredSecret, stage: string): StoredVersion | undefined =>
  versions.find(({ stages }) => stages.includes(stage));

const without = (version: StoredVersion, stages: readonly string[]): StoredVersion => {
  const left = version.stages.filter((stage) => !stages.includes(stage));
  return left.length === version.stages.length ? version : { ...version, stages: left };
};

/** Moves labels to a version. What was current becomes the previous version by itself. */
export const moveStages = (secret: StoredSecret, versionId: string, stages: readonly string[]): StoredSecret => {
  const current = versionAt(secret, CURRENT);
  const isNewCurrent = stages.includes(CURRENT) && current !== undefined && current.id !== versionId;
  const moved = isNewCurrent ? [...stages, PREVIOUS] : stages;
  const versions = secret.versions.map((version) => {
    if (version.id === versionId) {
      const kept = without(version, [PREVIOUS]).stages;
      const own = isNewCurrent ? kept : version.stages;
      return { ...version, stages: [...new Set([...own, ...stages])] };
    }
    const left = without(version, moved);
    return isNewCurrent && version.id === current.id ? { ...left, stages: [...left.stages, PREVIOUS] } : left;
  });
  return { ...secret, versions };
};

/** The secret with one label taken from one version and given to another, as UpdateSecretVersionStage has it. */
export const updateStage = (
  secret: StoredSecret,
  stage: string,
  removeFrom: string | undefined,
  moveTo: string | undefined,
): StoredSecret => {
  const holder = versionAt(secret, stage);
  const named = [removeFrom, moveTo].filter((id) => id !== undefined);
  const unknown = named.find((id) => !secret.versions.some((version) => version.id === id));
  if (unknown !== undefined) throw invalidParameter(`The VersionId ${unknown} does not belong to the secret.`);
  if (holder !== undefined && removeFrom === undefined && moveTo !== undefined && holder.id !== moveTo) {
    throw invalidParameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
  if (removeFrom !== undefined && holder?.id !== removeFrom) {
    throw invalidParameter(`The staging label ${stage} is not attached to version ${removeFrom}.`);
  }
  if (moveTo !== undefined) return moveStages(secret, moveTo, [stage]);
  if (stage === CURRENT) {
    throw invalidRequest('The staging label AWSCURRENT can be moved to another version, not removed.');
  }
  const versions = secret.versions.map((version) => (version.id === removeFrom ? without(version, [stage]) : version));
  return { ...secret, versions };
};
