#!/usr/bin/env node
// The bundle starts in half the time; the sources are always right. Stale bundles are never run.
import './node-floor.mjs';
import './few-arenas.mjs';
import { isBuilt } from './sources-stamp.mjs';

await import(isBuilt() ? '../dist/main.js' : '../src/main.ts');
