/** Variables that each state uses. */
export const variableReferences = (_definition: string): Record<string, string[]> => ({});
