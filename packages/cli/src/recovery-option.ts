import { Option } from '@commander-js/extra-typings';

/** As `@holdfast/stacks` has them, which is too heavy to load for a help text; a test compares. */
export const RECOVERY_CHOICES = ['schedule', 'workflow'] as const;

/** How dead-lettered uploads come back. */
export const recoveryOption = () =>
  new Option('--recovery <way>', 'how dead-lettered uploads come back').choices(RECOVERY_CHOICES);
