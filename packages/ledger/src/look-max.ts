/** An engine shows all there are. */
export const LOOK_MAX_ENGINE = 100_000;

/** On AWS each look is a receive, and a plan is made of a sample. */
export const LOOK_MAX_AWS = 100;
