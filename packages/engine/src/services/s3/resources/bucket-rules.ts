import type { Shape, ValueOf } from '../../../core/index.ts';

const TRANSITION = { StorageClass: 'string', TransitionDate: 'string', TransitionInDays: 'number' } as const;
const NONCURRENT_TRANSITION = {
  NewerNoncurrentVersions: 'number',
  StorageClass: 'string',
  TransitionInDays: 'number',
} as const;

/** `LifecycleConfiguration` of a bucket. */
export const LIFECYCLE = {
  Rules: [
    {
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 'number' },
      ExpirationDate: 'string',
      ExpirationInDays: 'number',
      ExpiredObjectDeleteMarker: 'boolean',
      Id: 'string',
      NoncurrentVersionExpiration: { NewerNoncurrentVersions: 'number', NoncurrentDays: 'number' },
      NoncurrentVersionExpirationInDays: 'number',
      NoncurrentVersionTransition: NONCURRENT_TRANSITION,
      NoncurrentVersionTransitions: [NONCURRENT_TRANSITION],
      ObjectSizeGreaterThan: 'string',
      ObjectSizeLessThan: 'string',
      Prefix: 'string',
      Status: 'string',
      TagFilters: [{ Key: 'string', Value: 'string' }],
      Transition: TRANSITION,
      Transitions: [TRANSITION],
    },
  ],
  TransitionDefaultMinimumObjectSize: 'string',
} as const satisfies Shape;

type LifecycleRule = NonNullable<ValueOf<typeof LIFECYCLE>['Rules']>[number];

/** Members that are there. */
const present = (members: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

const dateOf = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));
const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

const filterOf = ({ Prefix, TagFilters = [], ObjectSizeGreaterThan, ObjectSizeLessThan }: LifecycleRule): object => {
  const sizes = {
    ObjectSizeGreaterThan: numberOf(ObjectSizeGreaterThan),
    ObjectSizeLessThan: numberOf(ObjectSizeLessThan),
  };
  const [tag, ...more] = TagFilters;
  const isOne = Object.keys(present({ Prefix, ...sizes })).length + TagFilters.length <= 1;
  if (!isOne) return { And: present({ Prefix, Tags: tag === undefined ? undefined : [tag, ...more], ...sizes }) };
  return tag === undefined ? present({ ...(Prefix === undefined ? {} : { Prefix }), ...sizes }) : { Tag: tag };
};

const ruleOf = (rule: LifecycleRule): object => {
  const { ExpirationDate, ExpirationInDays, ExpiredObjectDeleteMarker, NoncurrentVersionExpirationInDays } = rule;
  const expiration = present({ Date: dateOf(ExpirationDate), Days: ExpirationInDays, ExpiredObjectDeleteMarker });
  const transitions = [...(rule.Transition === undefined ? [] : [rule.Transition]), ...(rule.Transitions ?? [])];
  const noncurrent = [
    ...(rule.NoncurrentVersionTransition === undefined ? [] : [rule.NoncurrentVersionTransition]),
    ...(rule.NoncurrentVersionTransitions ?? []),
  ];
  const old = NoncurrentVersionExpirationInDays;
  return present({
    ID: rule.Id,
    Status: rule.Status,
    Filter: filterOf(rule),
    AbortIncompleteMultipartUpload: rule.AbortIncompleteMultipartUpload,
    Expiration: Object.keys(expiration).length === 0 ? undefined : expiration,
    NoncurrentVersionExpiration:
      rule.NoncurrentVersionExpiration ?? (old === undefined ? undefined : { NoncurrentDays: old }),
    Transitions:
      transitions.length === 0
        ? undefined
        : transitions.map(({ StorageClass, TransitionDate, TransitionInDays }) =>
            present({ StorageClass, Date: dateOf(TransitionDate), Days: TransitionInDays }),
          ),
    NoncurrentVersionTransitions:
      noncurrent.length === 0
        ? undefined
        : noncurrent.map(({ TransitionInDays, ...rest }) => present({ ...rest, NoncurrentDays: TransitionInDays })),
  });
};

/** The API nests what CloudFormation has side by side, and has lists where it has one. */
export const lifecycleOf = ({ Rules = [], TransitionDefaultMinimumObjectSize }: ValueOf<typeof LIFECYCLE>): object =>
  present({ LifecycleConfiguration: { Rules: Rules.map(ruleOf) }, TransitionDefaultMinimumObjectSize });

/** `CorsConfiguration` of a bucket. */
export const CORS = {
  CorsRules: [
    {
      AllowedHeaders: ['string'],
      AllowedMethods: ['string'],
      AllowedOrigins: ['string'],
      ExposedHeaders: ['string'],
      Id: 'string',
      MaxAge: 'number',
    },
  ],
} as const satisfies Shape;

export const corsOf = ({ CorsRules = [] }: ValueOf<typeof CORS>): object => ({
  CORSConfiguration: {
    CORSRules: CorsRules.map(({ Id, ExposedHeaders, MaxAge, ...rest }) =>
      present({ ...rest, ID: Id, ExposeHeaders: ExposedHeaders, MaxAgeSeconds: MaxAge }),
    ),
  },
});
