// Refuses a Node.js that is too old, in one sentence. Written so that every version with ES modules can read it.
import { readFileSync } from 'node:fs';

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const floor = engines.node.replace('>=', '');
const numbers = (version) => version.split('.').map(Number);
const [major, minor] = numbers(process.versions.node);
const [majorMin, minorMin] = numbers(floor);

if (major < majorMin || (major === majorMin && minor < minorMin)) {
  console.error(`holdfast: Node.js ${floor} or later is needed, and this is ${process.versions.node}`);
  process.exit(2);
}

// What Node.js calls experimental is the same in every version that is tested; users can do nothing about it.
const { emitWarning } = process;
process.emitWarning = (warning, ...rest) => {
  if (rest[0] !== 'ExperimentalWarning') emitWarning.call(process, warning, ...rest);
};
