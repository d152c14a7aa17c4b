/** Writes into each fidelity page which operations and resource types are modelled. */
import { readFileSync, writeFileSync } from 'node:fs';
import { operationSections, withSection } from './operations.ts';

for (const [id, section] of await operationSections()) {
  const path = `docs/fidelity/${id}.md`;
  writeFileSync(path, withSection(readFileSync(path, 'utf8'), section));
}
