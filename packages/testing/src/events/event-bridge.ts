import { type EventOrigin, originOf, uuidOf } from './identity.ts';

/** What a rule hands to a function. */
export interface EventBridgeEvent<Detail> {
  version: '0';
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  time: string;
  region: string;
  resources: string[];
  detail: Detail;
}

/** An event, as far as a test cares. */
export interface EventBridgeInput<Detail> extends EventOrigin {
  readonly source: string;
  readonly detailType: string;
  readonly detail: Detail;
  /** ARNs. @defaultValue none */
  readonly resources?: readonly string[];
}

/** An event of a bus; its time has seconds only, as EventBridge writes it. */
export const eventBridgeEvent = <Detail>(input: EventBridgeInput<Detail>): EventBridgeEvent<Detail> => {
  const { account, region, at } = originOf(input);
  const { source, detailType, detail, resources = [] } = input;
  return {
    version: '0',
    id: uuidOf('event', source, detailType, JSON.stringify(detail), at.getTime()),
    'detail-type': detailType,
    source,
    account,
    time: at.toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region,
    resources: [...resources],
    detail,
  };
};
