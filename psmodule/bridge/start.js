// Starts the host; the module's client runs this with Node.js.
import { startBundle } from '../../core/start-bundle.js';

startBundle(new URL('../../dist/psmodule/host.bundle.cjs', import.meta.url), process.argv.slice(2));
