import { ServiceError } from '../service-error.ts';

/** Whether an error says that the thing is not there. */
export const isMissing = (error: unknown): boolean =>
  error instanceof ServiceError &&
  (/NotFound|NoSuch|NonExistent|DoesNotExist/i.test(error.code) || error.status === 404);

/** Ends well when what is to be deleted is gone already. */
export const unlessMissing = async (action: Promise<unknown>): Promise<void> => {
  try {
    await action;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
};
