// Strict rules with types for TypeScript, the plain ones for scripts; and who may import what.
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const onlyPublic = forbid('/core/(?!(index|start-bundle)\\.js$)', 'Outside of core, only core/index.js is there.');
const onlyDriverInterface = forbid('/driver/(?!(open|driver)\\.js$)', 'Of the driver, only open.js and driver.js.');
const noPrograms = forbid('/(bin|psmodule|test)/', 'core knows nothing of those who use it.');
const noFacade = forbid('^\\.\\./(\\.\\./)?(index|netflow)\\.js$', 'The driver knows nothing of what stands on it.');
const noSiblings = forbid('/(bin|psmodule)/', 'The command line and the module know nothing of each other.');
// The command line and the module each have words of their own for what an error asks for.
const noWordsOfOthers = ['Literal[value=', 'TemplateElement[value.raw='].map((node) => ({
  selector: `${node}/netflow (list|watch|connections|limit|policy|driver|measure)\\b|npm run|-(NetFlow|Process)[A-Z]/]`,
  message: 'core speaks to users of the command line, of PowerShell and of TypeScript alike.',
}));
const noNative = forbid('^koffi$', 'Native code is called in core/driver only.');

const modules = '**/*.{ts,js,mjs}';

export default defineConfig(
  globalIgnores(['dist/', 'core/driver/**/*.generated.ts']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // An interface may promise what one of its implementations has at once.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    extends: [tseslint.configs.strict],
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'console', 'Buffer', 'URL', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'].map(
          (name) => [name, false],
        ),
      ),
    },
    rules: { 'no-undef': 'error', '@typescript-eslint/no-empty-function': 'off' },
  },
  {
    rules: {
      eqeqeq: 'error',
      'max-lines': ['error', 400],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 15],
      'max-depth': ['error', 3],
      'no-param-reassign': 'error',
    },
  },
  // A suite is one function, as long as it has tests.
  { files: ['test/**'], rules: { 'max-lines-per-function': 'off' } },
  {
    files: [`core/${modules}`],
    ignores: ['core/driver/**'],
    rules: importing([onlyDriverInterface, noPrograms, noNative], noWordsOfOthers),
  },
  { files: [`core/driver/${modules}`], rules: importing([noPrograms, noFacade], noWordsOfOthers) },
  { files: [`bin/${modules}`, `psmodule/${modules}`], rules: importing([onlyPublic, noSiblings, noNative]) },
);

function forbid(regex, message) {
  return { regex, message };
}

/** For `import … from` and `import()` alike. */
function importing(forbidden, restricted = []) {
  return {
    'no-restricted-imports': ['error', { patterns: forbidden }],
    'no-restricted-syntax': [
      'error',
      ...forbidden.map(({ regex, message }) => ({
        selector: `ImportExpression > Literal.source[value=/${regex.replaceAll('/', '\\u002F')}/]`,
        message,
      })),
      ...restricted,
    ],
  };
}
