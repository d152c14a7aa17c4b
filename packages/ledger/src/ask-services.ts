/** A service that can be asked. */
export interface Asked<Found> {
  readonly service: string;
  readonly find: () => AsyncIterable<Found>;
}

/** Asks every service; one that may not be asked is named, with its error, and the others go on. */
export const askServices = async <Found>(
  services: readonly Asked<Found>[],
): Promise<{ readonly found: readonly Found[]; readonly unasked: readonly string[] }> => {
  const unasked: string[] = [];
  const found = await Promise.all(
    services.map(async ({ service, find }) => {
      const ofService: Found[] = [];
      try {
        for await (const one of find()) ofService.push(one);
      } catch (error) {
        unasked.push(`${service} (${(error as Error).name}: ${(error as Error).message})`);
      }
      return ofService;
    }),
  );
  return { found: found.flat(), unasked };
};
