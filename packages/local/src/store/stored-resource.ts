import { VALUE_CHECKSUM_BYTES } from './change-lines.ts';

/** Values as JSON with their checksums, by collection and key. */
type Rows = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** What a key of a collection belongs to, as its owner calls it: `queue orders`, `table products`, `bucket uploads`. */
export const resourceOf = (collection: string, key: string, rows: Rows): string => {
  switch (collection) {
    case 'sqs.queues':
      return `queue ${queueName(key, rows)}`;
    case 'sqs.messages':
    case 'sqs.receives':
    case 'sqs.deduplication':
      return `queue ${queueName(key.slice(0, key.indexOf('/')), rows)}`;
    case 'dynamodb.tables':
      return `table ${lastPart(key)}`;
    case 'dynamodb.items':
      return `table ${tableName(key.slice(0, key.indexOf('/')), rows)}`;
    case 's3.buckets':
      return `bucket ${key}`;
    case 's3.objects': {
      const [bucket, , ...name] = key.split('/');
      return `object s3://${bucket}/${name.join('/')}`;
    }
    case 'blobs':
    case 'blob-files':
      return blobOwner(key, rows);
    default:
      return `${collection.replace('.', ' ')} ${lastPart(key)}`;
  }
};

const lastPart = (name: string): string => name.split(/[/:]/).at(-1) || name;

const parsed = (text: string): unknown => JSON.parse(text.slice(0, -VALUE_CHECKSUM_BYTES));

const queueName = (id: string, rows: Rows): string => {
  const text = rows.get('sqs.queues')?.get(id);
  return text === undefined ? `of the id ${id}, which is lost itself` : (parsed(text) as { name: string }).name;
};

const tableName = (id: string, rows: Rows): string => {
  for (const [arn, text] of rows.get('dynamodb.tables') ?? []) {
    if ((parsed(text) as { id?: string }).id === id) return lastPart(arn);
  }
  return `of the id ${id}, which is lost itself`;
};

/** The object, or the function's code, whose bytes they are. */
const blobOwner = (id: string, rows: Rows): string => {
  for (const collection of ['s3.objects', 'lambda.functions', 'lambda.layers'] as const) {
    for (const [key, text] of rows.get(collection) ?? []) {
      if (text.includes(`"${id}"`)) return resourceOf(collection, key, rows);
    }
  }
  return `the bytes ${id}`;
};
