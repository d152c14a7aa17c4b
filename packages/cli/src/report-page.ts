/** Text as HTML has it. */
export const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

type Cells = readonly (string | number)[];

const row = (tag: 'td' | 'th', cells: Cells): string =>
  `<tr>${cells.map((cell) => `<${tag}>${escaped(String(cell))}</${tag}>`).join('')}</tr>`;

export const htmlTable = (head: Cells, rows: readonly Cells[]): string =>
  `<table><thead>${row('th', head)}</thead><tbody>${rows.map((cells) => row('td', cells)).join('')}</tbody></table>`;

/** A report as a page of its own: nothing of it is fetched from elsewhere. */
export const htmlPage = (title: string, style: string, body: string): string => `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title>
<style>body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:1100px;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{padding:.3rem .6rem;text-align:left;border-bottom:1px solid #ccc}
svg{max-width:100%;height:auto}${style}</style>
<h1>${escaped(title)}</h1>
${body}</html>
`;
