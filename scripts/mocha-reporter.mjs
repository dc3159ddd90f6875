// Mocha's own list of tests as they end, and each result as a line of JSON in a file as well, with the first line of
// its error, so that what ended before a crash is known too.
import { appendFileSync, writeFileSync } from 'node:fs';
import Mocha from 'mocha';

export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = options.reporterOptions.results;
    writeFileSync(file, '');
    const note = (result) => (test, error) => {
      const title = test?.fullTitle?.() ?? '';
      const [message] = String(error?.message ?? '').split('\n');
      appendFileSync(file, `${JSON.stringify({ result, title, error: message })}\n`);
    };
    runner.on('pass', note('passed')).on('fail', note('failed')).on('pending', note('skipped')).on('end', note('end'));
  }
}
