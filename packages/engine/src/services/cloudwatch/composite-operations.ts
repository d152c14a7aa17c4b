import type * as Sdk from '@aws-sdk/client-cloudwatch';
import { limitedTags, type Operations, operation, readTags, ServiceError } from '../../core/index.ts';
import type { AlarmWiring } from './alarm-operations.ts';
import { configureComposite, describeComposite, isComposite, readCompositeAlarm } from './composite-alarm.ts';
import { alarmsIn, parseAlarmRule } from './composite-rule.ts';
import { invalidValue } from './validation.ts';

/** PutCompositeAlarm; everything else on composite alarms is shared with metric alarms. */
export const compositeOperations = ({ registry, transitions }: AlarmWiring): Operations<typeof Sdk> => ({
  PutCompositeAlarm: operation(
    [
      'AlarmName',
      'AlarmRule',
      'AlarmDescription',
      'ActionsEnabled',
      'OKActions',
      'AlarmActions',
      'InsufficientDataActions',
      'ActionsSuppressor',
      'ActionsSuppressorWaitPeriod',
      'ActionsSuppressorExtensionPeriod',
      'Tags',
    ],
    (input, context) => {
      const composite = readCompositeAlarm(input, context.region);
      const name = input.AlarmName as string;
      const known = registry.find(context.account, context.region, name);
      if (known !== undefined && !isComposite(known)) {
        throw new ServiceError('ValidationError', `Alarm ${name} is a metric alarm.`, 400);
      }
      const named = [...alarmsIn(parseAlarmRule(composite.rule)), composite.suppressor ?? []].flat();
      const missing = named.filter((of) => transitions.resolve(context, of) === undefined);
      if (missing.length > 0) {
        throw new ServiceError(
          'ValidationError',
          `Could not save the composite alarm as alarms [${missing.join(', ')}] in the alarm rule do not exist`,
          400,
        );
      }
      const tags = limitedTags(readTags(input.Tags), invalidValue);
      const alarm = configureComposite(known, name, composite, tags, context);
      registry.configure(alarm, known, describeComposite(alarm), context.now);
      transitions.configured(alarm, known === undefined ? 'create' : 'update', known);
      transitions.follow(alarm, known === undefined ? 'created' : 'updated', context.now);
      return {};
    },
  ),
});
