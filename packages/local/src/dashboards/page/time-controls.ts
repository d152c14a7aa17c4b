/** Ranges one click away, as in the console. */
const RANGES = [
  ['1h', '-PT1H'],
  ['3h', '-PT3H'],
  ['12h', '-PT12H'],
  ['1d', '-P1D'],
  ['3d', '-P3D'],
  ['1w', '-P7D'],
  ['2w', '-P14D'],
] as const;

/** While live, the page looks again so often. */
const REFRESH_MS = 5_000;

const button = (text: string): HTMLButtonElement => {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = text;
  return made;
};

const instant = (label: string): HTMLInputElement => {
  const made = document.createElement('input');
  made.type = 'datetime-local';
  made.ariaLabel = label;
  return made;
};

/** An instant in the field, which is read as UTC like everything on the page. */
const instantIn = ({ value }: HTMLInputElement): string => (value === '' ? '' : `${value}Z`);

/** Buttons for ranges up to now, fields for any other range, and whether the page keeps looking. */
export const timeControls = (form: HTMLFormElement, load: (query: string) => void): void => {
  let query = '';
  const live = document.createElement('input');
  live.type = 'checkbox';
  live.checked = true;
  const show = (next: string, isLive: boolean): void => {
    query = next;
    live.checked = isLive;
    for (const one of form.querySelectorAll('button')) one.ariaPressed = String(one.dataset['query'] === next);
    load(query);
  };
  for (const [text, start] of RANGES) {
    const one = button(text);
    one.dataset['query'] = `start=${start}`;
    one.addEventListener('click', () => show(`start=${start}`, true));
    form.append(one);
  }
  const [from, to] = [instant('From (UTC)'), instant('To (UTC)')];
  const apply = button('Show');
  apply.addEventListener('click', () => {
    const range = new URLSearchParams({ start: instantIn(from), end: instantIn(to) });
    show(range.toString(), false);
  });
  const label = document.createElement('label');
  label.append(live, ' live');
  form.append(from, to, apply, label);
  show('', true);
  setInterval(() => {
    if (live.checked && !document.hidden) load(query);
  }, REFRESH_MS);
};
