import type { MemberShapes, PropertiesOf, ResourceType } from '../../../core/index.ts';
import { arnIn, documentText, pick, unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  ArchiveName: 'string',
  Description: 'string',
  EventPattern: 'json',
  KmsKeyIdentifier: 'string',
  RetentionDays: 'number',
  SourceArn: 'string',
} as const satisfies MemberShapes;

const REQUIRED = ['SourceArn'] as const;
type ArchiveProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const settingsOf = (properties: ArchiveProperties) => ({
  ...pick(properties, 'Description', 'RetentionDays'),
  ...(properties.EventPattern === undefined ? {} : { EventPattern: documentText(properties.EventPattern) }),
});

export const eventsArchive: ResourceType<ArchiveProperties> = {
  type: 'AWS::Events::Archive',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['ArchiveName', 'SourceArn'],
  nameProperty: 'ArchiveName',
  // The CDK writes an empty one where there is no key.
  refuses: ({ KmsKeyIdentifier = '' }) => (KmsKeyIdentifier === '' ? [] : ['KmsKeyIdentifier']),
  attributes: ['Arn', 'ArchiveName'],
  async create(properties, context) {
    const ArchiveName = properties.ArchiveName ?? context.generateName({ maxLength: 48 });
    await context.call('events', 'CreateArchive', {
      ArchiveName,
      EventSourceArn: properties.SourceArn,
      ...settingsOf(properties),
    });
    return {
      physicalId: ArchiveName,
      attributes: { Arn: arnIn(context, 'events', `archive/${ArchiveName}`), ArchiveName },
    };
  },
  async update({ physicalId, attributes }, properties, context) {
    const none = { Description: '', EventPattern: '', RetentionDays: 0 };
    await context.call('events', 'UpdateArchive', { ArchiveName: physicalId, ...none, ...settingsOf(properties) });
    return { physicalId, attributes };
  },
  async delete({ physicalId }, context) {
    await unlessMissing(context.call('events', 'DeleteArchive', { ArchiveName: physicalId }));
  },
};
