import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import type { ReactNode } from 'react';

/** A table with a header, a count, and a sentence where there is nothing. */
export const Rows = <Row,>(props: {
  readonly title: string;
  readonly description?: string;
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly columns: readonly TableProps.ColumnDefinition<Row>[];
  readonly none: string;
  readonly isLoading?: boolean;
  readonly counter?: string;
  readonly actions?: ReactNode;
  readonly filter?: ReactNode;
  readonly footer?: ReactNode;
}) => (
  <Table
    variant="container"
    contentDensity="compact"
    wrapLines
    enableKeyboardNavigation
    items={props.rows}
    trackBy={props.keyOf}
    columnDefinitions={props.columns}
    loading={props.isLoading === true && props.rows.length === 0}
    loadingText="Asking"
    ariaLabels={{ tableLabel: props.title }}
    filter={props.filter}
    footer={props.footer}
    empty={<Box textAlign="center">{props.none}</Box>}
    header={
      <Header
        variant="h2"
        counter={props.counter ?? `(${props.rows.length})`}
        description={props.description}
        actions={props.actions}
      >
        {props.title}
      </Header>
    }
  />
);
