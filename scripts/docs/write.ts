/** Writes into each fidelity page which operations and resource types are modelled, and how large each package is. */
import { readFileSync, writeFileSync } from 'node:fs';
import { withLines } from './lines.ts';
import { operationSections, withSection } from './operations.ts';

for (const [id, section] of await operationSections()) {
  const path = `docs/fidelity/${id}.md`;
  writeFileSync(path, withSection(readFileSync(path, 'utf8'), section));
}

const ARCHITECTURE = 'docs/architecture.md';
writeFileSync(ARCHITECTURE, withLines(readFileSync(ARCHITECTURE, 'utf8')));
