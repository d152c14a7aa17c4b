const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** `2 d 4 h`: the two largest units. */
export const spanText = (ms: number): string => {
  let rest = Math.max(0, ms);
  const parts: string[] = [];
  for (const [unit, length] of UNITS) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0 || parts.length > 0) parts.push(`${count} ${unit}`);
    if (parts.length === 2) break;
  }
  return parts.length === 0 ? '0 s' : parts.join(' ');
};

/** `2026-11-29 06:12:03` UTC. */
export const timeText = (iso: string | undefined): string =>
  iso === undefined || iso === '' ? '–' : iso.slice(0, 19).replace('T', ' ');

export const lossText = (expiresAt: string | undefined, now: string): string =>
  expiresAt === undefined ? 'never' : `in ${spanText(Date.parse(expiresAt) - Date.parse(now))}`;

/** How bad it is: lost within an hour, within a day, later. */
export const lossType = (expiresAt: string | undefined, now: string): 'error' | 'warning' | 'info' => {
  const ms = expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiresAt) - Date.parse(now);
  return ms < 3_600_000 ? 'error' : ms < 86_400_000 ? 'warning' : 'info';
};

export const numberText = (value: number): string => value.toLocaleString('en');

export const nameOf = (arn: string): string => arn.slice(Math.max(arn.lastIndexOf(':'), arn.lastIndexOf('/')) + 1);

/** JSON as people read it; anything else as it is. */
export const prettyText = (body: string): string => {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
};
