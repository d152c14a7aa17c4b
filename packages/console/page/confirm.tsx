import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type ReactNode, useState } from 'react';
import { useSession } from './session.tsx';

/** A button for what changes something: it asks first, naming the ARN, and cannot be pressed in a read-only session. */
export const ConfirmedButton = (props: {
  readonly label: string;
  readonly arn: string;
  readonly text: string;
  readonly act: (session: string) => Promise<void>;
  readonly variant?: 'primary' | 'normal';
  readonly disabled?: boolean;
  /** What has to be said before; see `isReady`. */
  readonly children?: ReactNode;
  /** Whether everything that has to be said was said. */
  readonly isReady?: boolean;
}) => {
  const { session, tell } = useSession();
  const [isAsking, setIsAsking] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const act = async () => {
    setIsBusy(true);
    try {
      await props.act(session ?? '');
    } catch (error) {
      tell('error', (error as Error).message);
    }
    setIsBusy(false);
    setIsAsking(false);
  };
  const isReadOnly = session === undefined;
  return (
    <>
      <Button
        variant={props.variant ?? 'normal'}
        disabled={isReadOnly || props.disabled === true}
        {...(isReadOnly ? { disabledReason: 'Read-only: allow changes at the top of the page.' } : {})}
        onClick={() => setIsAsking(true)}
      >
        {props.label}
      </Button>
      {isAsking && (
        <Modal
          visible
          header={`${props.label}?`}
          closeAriaLabel="Close"
          onDismiss={() => setIsAsking(false)}
          footer={
            <Box float="right">
              <SpaceBetween direction="horizontal" size="xs">
                <Button variant="link" onClick={() => setIsAsking(false)}>
                  Leave it
                </Button>
                <Button variant="primary" loading={isBusy} disabled={props.isReady === false} onClick={act}>
                  {props.label}
                </Button>
              </SpaceBetween>
            </Box>
          }
        >
          <SpaceBetween size="m">
            <Alert type="warning" statusIconAriaLabel="Warning">
              This changes <Box variant="code">{props.arn}</Box>
            </Alert>
            <Box>{props.text}</Box>
            {props.children}
          </SpaceBetween>
        </Modal>
      )}
    </>
  );
};
