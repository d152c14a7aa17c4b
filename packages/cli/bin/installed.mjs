#!/usr/bin/env node
// What `holdfast` is once it is installed; in this repository it is holdfast.mjs.
import './node-floor.mjs';
import './few-arenas.mjs';

await import('../lib/main.js');
