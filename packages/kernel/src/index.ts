export { type Briefly, TookTooLongError } from './briefly.ts';
export {
  base64OfBytes,
  base64OfText,
  bytesOfBase64,
  bytesOfHex,
  compareBytes,
  hexOfBytes,
  includesBytes,
  joinBytes,
  textOfBase64,
  utf8Bytes,
  utf8Length,
  utf8Text,
} from './bytes.ts';
export { type Clock, type EpochMs, earliestWakeAt, ManualClock, type Wakeable } from './clock.ts';
export type { Cryptography, JsonWebKey, SignatureAlgorithm } from './cryptography.ts';
export type { Digest } from './digest.ts';
export { DAY_MS, formatDuration, HOUR_MS, MINUTE_MS, parseDurationMs, SECOND_MS } from './duration.ts';
export { HoldfastError, InvalidInputError } from './errors.ts';
export { type IdSource, idsFrom } from './ids.ts';
export { IndexedHeap, topHeap } from './indexed-heap.ts';
export { assertNever, InvariantError, invariant } from './invariant.ts';
export { memberOf, setMember } from './members.ts';
export { NumberRow } from './number-row.ts';
export { onDemand } from './on-demand.ts';
export { type Random, randomFrom, seededRandom } from './random.ts';
export { type Place, Roster } from './roster.ts';
export { type Timer, TimerQueue } from './timer-queue.ts';
export { Turn } from './turn.ts';
export { type Quiescence, type SteerableClock, VirtualDriver } from './virtual-driver.ts';
export { unzippedBytesOf, type ZipEntry, zipEntries } from './zip-directory.ts';
