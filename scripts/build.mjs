// `npm run build`: builds what `npm start` and `npm test` build, and nothing more.
import { build } from './support/build.mjs';
import { main } from './support/command.mjs';

await main('build', build);
