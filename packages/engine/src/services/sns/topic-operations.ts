import type * as Sdk from '@aws-sdk/client-sns';
import type { CreateTopicCommandInput, Tag } from '@aws-sdk/client-sns';
import { makeArn } from '@holdfast/aws-model';
import { setMember } from '@holdfast/kernel';
import {
  limitedTags,
  type Operations,
  operation,
  type RequestContext,
  resourceTagOperations,
  ServiceError,
  type TaggedResource,
  type Tags,
  tagsInList,
} from '../../core/index.ts';
import { invalidParameter } from './errors.ts';
import { checkTopicArn, isValidTopicName } from './names.ts';
import { describeTopic, readTopicAttributes, withTopicAttribute } from './topic-attributes.ts';
import { withoutPermission, withPermission } from './topic-policy.ts';
import type { Topic } from './topic-table.ts';
import { page, type SnsWiring } from './wiring.ts';

const readDistinctTags = (tags: readonly Tag[] | undefined): Tags => {
  const read: Record<string, string> = {};
  for (const { Key, Value } of tags ?? []) {
    if (Object.hasOwn(read, Key ?? '')) throw invalidParameter('Duplicated keys are not allowed.');
    setMember(read, Key ?? '', Value ?? '');
  }
  return read;
};

/** `FifoTopic` in any case; whoever says `false` asks for what a topic is anyway. */
const isTrue = (flag: string | undefined): boolean => flag?.toLowerCase() === 'true';

/** Creating a topic that is there answers with it, unless something asked for differs. */
const mustAgree = (
  topic: Topic,
  attributes: Readonly<Record<string, string>>,
  tags: Readonly<Record<string, string>>,
): void => {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'FifoTopic' ? isTrue(value) !== topic.isFifo : topic.facts.attributes[name] !== value) {
      throw invalidParameter('Attributes Reason: Topic already exists with different attributes');
    }
  }
  for (const [name, value] of Object.entries(tags)) {
    if (topic.facts.tags[name] !== value) {
      throw invalidParameter('Tags Reason: Topic already exists with different tags');
    }
  }
};

/** Topics: creating, describing, changing, deleting. */
export const topicOperations = ({ table }: SnsWiring): Operations<typeof Sdk> => {
  const createTopic = (input: CreateTopicCommandInput, context: RequestContext) => {
    const given = input.Attributes ?? {};
    const isFifo = isTrue(given['FifoTopic']);
    const name = input.Name ?? '';
    if (!isValidTopicName(name, isFifo)) throw invalidParameter('Topic Name');
    const attributes = readTopicAttributes(given, isFifo);
    const tags = readDistinctTags(input.Tags);
    const topicArn = makeArn('sns', context.region, context.account, name);
    const existing = table.topics.get(topicArn);
    if (existing !== undefined) {
      mustAgree(existing, given, tags);
      return { TopicArn: topicArn };
    }
    limitedTags(tags, tooManyTags);
    table.create({
      arn: topicArn,
      name,
      account: context.account,
      region: context.region,
      createdAt: context.now,
      attributes,
      tags,
      subscriptionsDeleted: 0,
    });
    return { TopicArn: topicArn };
  };

  const tagged = (_context: RequestContext, resourceArn: string | undefined): TaggedResource => {
    const topic = table.topics.get(resourceArn ?? '');
    if (topic === undefined) throw new ServiceError('ResourceNotFound', 'Resource does not exist', 404);
    return {
      tags: topic.facts.tags,
      save: (tags) => table.change(topic, { tags }),
    };
  };

  return {
    CreateTopic: operation(['Name', 'Attributes', 'Tags'], createTopic),
    DeleteTopic: operation(['TopicArn'], (input, context) => {
      const topic = table.topics.get(checkTopicArn(input.TopicArn, context.region));
      if (topic !== undefined) table.drop(topic);
      return {};
    }),
    ListTopics: operation(['NextToken'], (input, context) => {
      const own = [...table.topics.values()].filter(
        ({ facts }) => facts.account === context.account && facts.region === context.region,
      );
      const { entries, ...next } = page(own, input.NextToken);
      return { Topics: entries.map((topic) => ({ TopicArn: topic.facts.arn })), ...next };
    }),
    GetTopicAttributes: operation(['TopicArn'], (input, context) => ({
      Attributes: describeTopic(table.topic(input.TopicArn, context.region)),
    })),
    SetTopicAttributes: operation(['TopicArn', 'AttributeName', 'AttributeValue'], (input, context) => {
      const topic = table.topic(input.TopicArn, context.region);
      const attributes = withTopicAttribute(topic, input.AttributeName ?? '', input.AttributeValue ?? '');
      table.change(topic, { attributes });
      return {};
    }),
    AddPermission: operation(['TopicArn', 'Label', 'AWSAccountId', 'ActionName'], (input, context) => {
      const topic = table.topic(input.TopicArn, context.region);
      const Policy = withPermission(topic.facts, input.Label ?? '', input.AWSAccountId ?? [], input.ActionName ?? []);
      table.change(topic, { attributes: { ...topic.facts.attributes, Policy } });
      return {};
    }),
    RemovePermission: operation(['TopicArn', 'Label'], (input, context) => {
      const topic = table.topic(input.TopicArn, context.region);
      const Policy = withoutPermission(topic.facts, input.Label ?? '');
      table.change(topic, { attributes: { ...topic.facts.attributes, Policy } });
      return {};
    }),
    ...resourceTagOperations(tagged, tooManyTags, { ...tagsInList('ResourceArn'), read: readDistinctTags }),
  };
};

const tooManyTags = (): ServiceError =>
  new ServiceError('TagLimitExceeded', 'Could not complete request: tag quota of per resource exceeded', 400);
