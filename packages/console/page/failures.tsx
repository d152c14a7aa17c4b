import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Grid from '@cloudscape-design/components/grid';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect, useState } from 'react';
import type { FailureQuery } from '../src/api.ts';
import { hrefOf, useAddress } from './address.ts';
import { call } from './client.ts';
import { Marks } from './marks.tsx';
import { Reading, readingPollMs } from './reading.tsx';
import { Rows } from './rows.tsx';
import { useCall } from './use-call.ts';
import { numberText, timeText } from './words.ts';

const queryOf = (words: { text: string; source: string; where: string; fingerprint: string }): FailureQuery => ({
  ...(words.text === '' ? {} : { text: words.text }),
  ...(words.source === '' ? {} : { source: words.source }),
  ...(words.where === '' ? {} : { where: words.where.split(/\s+/) }),
  ...(words.fingerprint === '' ? {} : { fingerprint: words.fingerprint }),
});

/** Search over all failures: groups, and page by page the failures themselves. */
export default function Failures() {
  const fingerprint = useAddress().about.get('group') ?? '';
  const [words, setWords] = useState({ text: '', source: '', where: '' });
  const [asked, setAsked] = useState(words);
  const [after, setAfter] = useState<readonly string[]>([]);
  const query = queryOf({ ...asked, fingerprint });
  const at = after.at(-1);
  const totals = useCall(
    () => call('totals', { query }),
    [query],
    (value) => readingPollMs(value),
  );
  // Once more when all was read; meanwhile each time as much as there is.
  const asFarAs = totals.value?.reading?.map(({ read }) => read);
  const groups = useCall(() => call('groups', { query }), [query, asFarAs]);
  const page = useCall(
    () => call('failures', at === undefined ? { query } : { query, after: at }),
    [query, at, at === undefined ? asFarAs : undefined],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: another group begins with its first page
  useEffect(() => setAfter([]), [fingerprint]);
  const field = (name: keyof typeof words, label: string, placeholder: string) => (
    <FormField label={label}>
      <Input
        value={words[name]}
        placeholder={placeholder}
        onChange={({ detail }) => setWords({ ...words, [name]: detail.value })}
        onKeyDown={({ detail }) => detail.key === 'Enter' && search()}
      />
    </FormField>
  );
  const search = () => {
    setAfter([]);
    setAsked(words);
  };
  const error = page.error ?? groups.error ?? totals.error;
  const next = page.value?.next;
  const only = fingerprint === '' ? undefined : groups.value?.[0];
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        counter={totals.value === undefined ? '' : `(${numberText(totals.value.failures)})`}
        description={only === undefined ? undefined : `${only.state}: ${only.fingerprint.reason}`}
        actions={
          fingerprint === '' ? undefined : (
            <SpaceBetween direction="horizontal" size="xs">
              {only !== undefined && <Marks group={only} done={groups.reload} />}
              <Button href={hrefOf('failures')}>All groups</Button>
            </SpaceBetween>
          )
        }
      >
        Failures
      </Header>
      <Grid gridDefinition={[4, 3, 3, 2].map((colspan) => ({ colspan: { default: 12, s: colspan } }))}>
        {field('text', 'Text', 'in error, condition, about, id or body')}
        {field('source', 'Source', 'part of a name or ARN')}
        {field('where', 'Body', 'vendor.id=VEND001')}
        <FormField label="All that are meant">
          <Button iconName="search" onClick={search}>
            Search
          </Button>
        </FormField>
      </Grid>
      <Reading totals={totals.value} />
      {error !== undefined && (
        <Alert type="error" statusIconAriaLabel="Error">
          {error}
        </Alert>
      )}
      {fingerprint === '' && (
        <Rows
          title="Groups"
          rows={groups.value ?? []}
          keyOf={(group) => group.fingerprint.key}
          isLoading={groups.isLoading}
          none="No failures are meant"
          columns={[
            { id: 'failures', header: 'Failures', cell: ({ failures }) => numberText(failures) },
            {
              id: 'why',
              header: 'Why',
              isRowHeader: true,
              cell: (group) => (
                <Link href={hrefOf('failures', { group: group.fingerprint.key })}>{group.fingerprint.reason}</Link>
              ),
            },
            { id: 'because', header: 'Grouped because', cell: (group) => group.fingerprint.because },
            { id: 'state', header: 'State', cell: ({ state }) => state },
            { id: 'mark', header: 'Say of it', cell: (group) => <Marks group={group} done={groups.reload} /> },
          ]}
        />
      )}
      <Rows
        title="One by one, youngest first"
        counter={`(page ${after.length + 1})`}
        rows={page.value?.failures ?? []}
        keyOf={({ id }) => id}
        isLoading={page.isLoading}
        none="No failures are meant"
        footer={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={after.length === 0} onClick={() => setAfter(after.slice(0, -1))}>
              Younger
            </Button>
            <Button disabled={next === undefined} onClick={() => next !== undefined && setAfter([...after, next])}>
              Older
            </Button>
          </SpaceBetween>
        }
        columns={[
          { id: 'last', header: 'Last seen (UTC)', cell: ({ lastSeenAt }) => timeText(lastSeenAt) },
          {
            id: 'error',
            header: 'Error',
            isRowHeader: true,
            cell: ({ id, error: said, condition }) => (
              <Link href={hrefOf('failure', { id })}>{said.slice(0, 200) || condition || 'no reason given'}</Link>
            ),
          },
          { id: 'source', header: 'Source', cell: ({ source }) => source.name },
          { id: 'attempts', header: 'Tries', cell: ({ attempts }) => attempts },
          { id: 'expires', header: 'Lost at (UTC)', cell: ({ expiresAt }) => timeText(expiresAt) },
        ]}
      />
    </SpaceBetween>
  );
}
