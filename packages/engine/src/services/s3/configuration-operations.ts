import type * as Sdk from '@aws-sdk/client-s3';
import { isSystemTag, type Operations, operation, refuseUnmodelled, ServiceError } from '../../core/index.ts';
import { DEFAULT_ENCRYPTION } from './bucket-operations.ts';
import { acceptAclChange } from './canned-acl.ts';
import { invalidArgument, invalidRequest, malformedXml } from './errors.ts';
import { ownerOnly } from './object-details.ts';
import { fromPlain, type StoredTag, toPlain } from './stored.ts';
import { readBucketTags } from './tags.ts';
import { type BucketInput, bucketOf, type S3Wiring } from './wiring.ts';

type Nothing = Record<never, never>;

const NAMED = ['Bucket', 'ExpectedBucketOwner'] as const;
const SIGNED = ['Bucket', 'ExpectedBucketOwner', 'ContentMD5', 'ChecksumAlgorithm'] as const;

/** What a rule of CORS may allow. */
const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'];
const OWNERSHIPS: readonly string[] = ['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter'];

const malformedPolicy = (message: string): ServiceError => new ServiceError('MalformedPolicy', message, 400);

const checkPolicy = (policy: string): void => {
  let document: unknown;
  try {
    document = JSON.parse(policy);
  } catch {
    document = undefined;
  }
  if (typeof document !== 'object' || document === null || !policy.startsWith('{')) {
    throw malformedPolicy("Policies must be valid JSON and the first byte must be '{'");
  }
  if (!('Statement' in document)) throw malformedPolicy('Missing required field Statement');
};

/**
 * Bucket configurations that are stored and given back, because templates set them. Nothing here acts on them but
 * the default encryption, which new objects show.
 */
export const configurationOperations = (wiring: S3Wiring): Operations<typeof Sdk> => {
  const write = (input: BucketInput, name: string, value: unknown): Nothing => {
    const bucket = bucketOf(wiring, input);
    const { [name]: _, ...others } = bucket.settings.configurations;
    const configurations = value === undefined ? others : { ...others, [name]: toPlain(value) };
    wiring.table.configure(bucket, { configurations });
    return {};
  };
  const read = <Value>(input: BucketInput, name: string, code: string, message: string): Value => {
    const bucket = bucketOf(wiring, input);
    const value = bucket.settings.configurations[name];
    if (value !== undefined) return fromPlain(value) as Value;
    throw new ServiceError(code, message, 404, { BucketName: bucket.settings.name });
  };
  const tagsOf = (input: BucketInput): readonly StoredTag[] =>
    (bucketOf(wiring, input).settings.configurations['tagging'] ?? []) as readonly StoredTag[];
  /** Of settings that are not modelled and therefore never there. */
  const absent = (code: string, message: string) =>
    operation<BucketInput, Nothing>([...NAMED], (input) => read(input, 'never set', code, message));
  const constant = (answer: object) =>
    operation<BucketInput, object>([...NAMED], (input) => {
      bucketOf(wiring, input);
      return answer;
    });

  return {
    PutBucketTagging: operation([...SIGNED, 'Tagging'], (input, context) => {
      refuseUnmodelled(input.Tagging ?? {}, ['TagSet'], 'Tagging');
      const tags = readBucketTags(input.Tagging?.TagSet, tagsOf(input), context);
      return write(input, 'tagging', tags.length === 0 ? undefined : tags);
    }),
    GetBucketTagging: operation([...NAMED], (input) => ({
      TagSet: read(input, 'tagging', 'NoSuchTagSet', 'The TagSet does not exist'),
    })),
    DeleteBucketTagging: operation([...NAMED], (input, context) => {
      const kept = context.isOfStack === true ? [] : tagsOf(input).filter(({ Key }) => isSystemTag(Key));
      return write(input, 'tagging', kept.length === 0 ? undefined : kept);
    }),

    PutBucketEncryption: operation([...SIGNED, 'ServerSideEncryptionConfiguration'], (input) => {
      bucketOf(wiring, input);
      const configuration = input.ServerSideEncryptionConfiguration;
      if (configuration?.Rules?.length !== 1) throw malformedXml();
      const { SSEAlgorithm: algorithm, KMSMasterKeyID: keyId } =
        configuration.Rules[0]?.ApplyServerSideEncryptionByDefault ?? {};
      if (keyId !== undefined && algorithm === 'AES256') {
        throw invalidArgument(
          'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse',
          'ApplyServerSideEncryptionByDefault',
        );
      }
      return write(input, 'encryption', configuration);
    }),
    GetBucketEncryption: operation([...NAMED], (input) => {
      const { configurations } = bucketOf(wiring, input).settings;
      return {
        ServerSideEncryptionConfiguration: fromPlain(configurations['encryption'] ?? DEFAULT_ENCRYPTION) as never,
      };
    }),
    DeleteBucketEncryption: operation([...NAMED], (input) => write(input, 'encryption', undefined)),

    PutPublicAccessBlock: operation([...SIGNED, 'PublicAccessBlockConfiguration'], (input) => {
      bucketOf(wiring, input);
      const asked = input.PublicAccessBlockConfiguration ?? {};
      const names = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'] as const;
      refuseUnmodelled(asked, names, 'PublicAccessBlockConfiguration');
      return write(input, 'publicAccessBlock', Object.fromEntries(names.map((name) => [name, asked[name] ?? false])));
    }),
    GetPublicAccessBlock: operation([...NAMED], (input) => ({
      PublicAccessBlockConfiguration: read(
        input,
        'publicAccessBlock',
        'NoSuchPublicAccessBlockConfiguration',
        'The public access block configuration was not found',
      ),
    })),
    DeletePublicAccessBlock: operation([...NAMED], (input) => write(input, 'publicAccessBlock', undefined)),

    PutBucketOwnershipControls: operation([...SIGNED, 'OwnershipControls'], (input) => {
      bucketOf(wiring, input);
      const [rule, ...others] = input.OwnershipControls?.Rules ?? [];
      if (others.length > 0 || !OWNERSHIPS.includes(rule?.ObjectOwnership ?? '')) throw malformedXml();
      return write(input, 'ownership', input.OwnershipControls);
    }),
    GetBucketOwnershipControls: operation([...NAMED], (input) => ({
      OwnershipControls: read(
        input,
        'ownership',
        'OwnershipControlsNotFoundError',
        'The bucket ownership controls were not found',
      ),
    })),
    DeleteBucketOwnershipControls: operation([...NAMED], (input) => write(input, 'ownership', undefined)),

    PutBucketPolicy: operation([...SIGNED, 'Policy', 'ConfirmRemoveSelfBucketAccess'], (input) => {
      bucketOf(wiring, input);
      checkPolicy(input.Policy ?? '');
      return write(input, 'policy', input.Policy);
    }),
    GetBucketPolicy: operation([...NAMED], (input) => ({
      Policy: read(input, 'policy', 'NoSuchBucketPolicy', 'The bucket policy does not exist'),
    })),
    DeleteBucketPolicy: operation([...NAMED], (input) => write(input, 'policy', undefined)),

    PutBucketLifecycleConfiguration: operation(
      [
        'Bucket',
        'ExpectedBucketOwner',
        'ChecksumAlgorithm',
        'LifecycleConfiguration',
        'TransitionDefaultMinimumObjectSize',
      ],
      (input) => {
        const rules = input.LifecycleConfiguration?.Rules ?? [];
        if (rules.length === 0 || rules.length > 1_000) throw malformedXml();
        const size = input.TransitionDefaultMinimumObjectSize ?? 'all_storage_classes_128K';
        const named = rules.map((rule) => ({ ...rule, ID: rule.ID ?? wiring.environment.ids.uuid() }));
        write(input, 'lifecycle', { Rules: named, TransitionDefaultMinimumObjectSize: size });
        return { TransitionDefaultMinimumObjectSize: size };
      },
    ),
    GetBucketLifecycleConfiguration: operation([...NAMED], (input) =>
      read(input, 'lifecycle', 'NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist'),
    ),
    DeleteBucketLifecycle: operation([...NAMED], (input) => write(input, 'lifecycle', undefined)),

    PutBucketCors: operation([...SIGNED, 'CORSConfiguration'], (input) => {
      bucketOf(wiring, input);
      const rules = input.CORSConfiguration?.CORSRules ?? [];
      if (rules.length === 0 || rules.length > 100) throw malformedXml();
      const method = rules.flatMap(({ AllowedMethods }) => AllowedMethods ?? []).find((one) => !METHODS.includes(one));
      if (method !== undefined) {
        throw invalidRequest(`Found unsupported HTTP method in CORS config. Unsupported method is ${method}`);
      }
      return write(input, 'cors', { CORSRules: rules });
    }),
    GetBucketCors: operation([...NAMED], (input) =>
      read(input, 'cors', 'NoSuchCORSConfiguration', 'The CORS configuration does not exist'),
    ),
    DeleteBucketCors: operation([...NAMED], (input) => write(input, 'cors', undefined)),

    GetBucketAcl: operation([...NAMED], (input) => ownerOnly(bucketOf(wiring, input), wiring)),
    PutBucketAcl: operation([...SIGNED, 'ACL'], (input) => {
      acceptAclChange(input.ACL, bucketOf(wiring, input), 'PutBucketAcl');
      return {};
    }),

    GetBucketLogging: constant({}),
    GetBucketAccelerateConfiguration: constant({}),
    GetBucketRequestPayment: constant({ Payer: 'BucketOwner' }),
    GetBucketWebsite: absent(
      'NoSuchWebsiteConfiguration',
      'The specified bucket does not have a website configuration',
    ),
    GetBucketReplication: absent(
      'ReplicationConfigurationNotFoundError',
      'The replication configuration was not found',
    ),
    GetObjectLockConfiguration: absent(
      'ObjectLockConfigurationNotFoundError',
      'Object Lock configuration does not exist for this bucket',
    ),
  };
};
