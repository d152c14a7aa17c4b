/** Where the standard streams of Lambda's processes lead, by number. */
export const SEEN_STDIN = '/dev/null';
export const SEEN_STDOUT = 1;
export const SEEN_STDERR = 2;

/** What a thread has of files. */
export interface ThreadFiles {
  readonly taskRoot: string;
  readonly layersRoot: string | undefined;
  /** Made when it is first used. */
  readonly temporary: string;
  /** `import` looks into NODE_PATH, as `require` does everywhere: Lambda's Node.js 18 and later. */
  readonly importsFromNodePath: boolean;
  /** URLs of modules that the AWS SDK can be loaded from when the function brings none, as Lambda does. */
  readonly sdkParents: readonly string[];
  /** Path of a file that what is written into becomes lines of the log; `/dev/null` where the machine has no such. */
  readonly logPath: (stream: 1 | 2) => string;
  /** Whether the function opened this descriptor itself. */
  readonly ownsDescriptor: (descriptor: number) => boolean;
}
