#!/usr/bin/env node
// Starts the built program. Checked in, so that npm has something to link to before the first build.
import { startBundle } from '../core/start-bundle.js';

startBundle(new URL('../dist/bin/netflow.bundle.cjs', import.meta.url), process.argv.slice(2));
