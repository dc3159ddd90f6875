import assert from 'node:assert/strict';
import { readCommandLine } from '../../core/words.js';

describe('a command line', () => {
  const cases: [string, string, string | null][] = [
    ['is its words', '/usr/bin/curl\0-o\0a_b@1%+=:,./\0', '/usr/bin/curl -o a_b@1%+=:,./'],
    [
      'has words quoted that a shell would take apart',
      "sh\0-c\0echo $HOME; it's\0\0~\0",
      "sh -c 'echo $HOME; it'\\''s' '' '~'",
    ],
    ['has letters of any script as they are', 'cat\0größe-日本\0', 'cat größe-日本'],
    ['of one word is that, as programs write a title', 'nginx: worker process\0\0\0\0', 'nginx: worker process'],
    ['keeps what a terminal would obey for those who show it', 'a\0\x1b[2J\n\0', "a '\x1b[2J\n'"],
    ['of nothing is none', '', null],
    ['of nothing but NUL is none', '\0\0', null],
  ];
  for (const [what, kept, shown] of cases) {
    it(what, () => assert.equal(readCommandLine(kept), shown));
  }

  it('that is cut ends with an ellipsis, and not with half a letter', () => {
    assert.equal(readCommandLine('curl\0gr\ufffd', true), 'curl gr…');
    assert.equal(readCommandLine('curl\0\0', true), "curl '' ''…");
  });
});
