// The test suites, the quick ones first. `needs` are conditions (support/needs.mjs), and `programs` are installed if they
// are missing. A check is a command that counts as one test; `mocha` names files of tests, `wine` a folder of them. What
// runs in the background uses nothing of the others and gets the processor time that they leave; two do at once. What
// runs alone waits for all of it.
import { join } from 'node:path';
import {
  driverTestNeeds,
  kernelTestNeeds,
  lintNeeds,
  moduleTestNeeds,
  systemNeeds,
  unitNeeds,
  windowsTestNeeds,
} from './packages.mjs';
import { nodeVersions } from './support/node.mjs';
import { root } from './support/project.mjs';

const node = process.execPath;
const tool = (path) => join(root, 'node_modules', path);

const all = [
  {
    name: 'scripts',
    about: 'what generates code and checks the structure, by changes to copies of the project',
    programs: unitNeeds,
    minutes: 20,
    mocha: ['dist/test/scripts/**/*.test.js'],
    inBackground: true,
  },
  {
    name: 'unit',
    about: 'core, command line and bridge, without a driver',
    programs: unitNeeds,
    minutes: 20,
    mocha: ['core', 'bin', 'psmodule'].map((folder) => `dist/test/${folder}/**/*.test.js`),
    inBackground: true,
    onEachNode: true,
  },
  {
    name: 'lint',
    about: 'rules, format, and documentation against code',
    programs: lintNeeds,
    minutes: 10,
    checks: [
      { name: 'ESLint finds nothing', command: [node, tool('eslint/bin/eslint.js'), '.'] },
      {
        name: 'TypeScript, JSON and Markdown are formatted',
        command: [node, tool('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.'],
      },
      {
        name: 'no files use each other in a circle, and none what stands above it',
        command: [node, 'scripts/check-structure.mjs'],
      },
      { name: 'C is formatted', command: [node, 'scripts/check-c-format.mjs'] },
      {
        name: 'the generated protocol is that of driver/protocol.h',
        command: [node, 'scripts/generate-protocol.mjs', '--check'],
      },
      {
        name: 'the PowerShell records and messages are those of core/fields.ts and of the bridge',
        command: [node, 'scripts/generate-records.mjs', '--check'],
      },
      { name: 'every command has its page, with its options', command: [node, 'scripts/check-docs.mjs'] },
    ],
  },
  {
    name: 'package',
    about: 'what npm pack makes, installed where no compiler is',
    needs: ['root', 'driver'],
    minutes: 10,
    onEachNode: true,
    mocha: ['dist/test/package/**/*.test.js'],
  },
  {
    name: 'windows',
    about: "the Windows driver, by Windows' Node.js under Wine, on a simulated WFP engine",
    programs: windowsTestNeeds,
    minutes: 20,
    wine: 'dist/test/windows',
    checks: [{ name: 'the driver can be signed, and is verified', command: [node, 'scripts/check-signing.mjs'] }],
    inBackground: true,
  },
  {
    name: 'driver',
    about: 'the eBPF object as it is built; the Windows driver on a simulated kernel, under sanitizers',
    programs: driverTestNeeds,
    minutes: 30,
    inBackground: true,
    tap: [node, 'scripts/driver-tests.mjs'],
    checks: [
      { name: 'the object is the same, byte for byte, from two folders', command: [node, 'scripts/check-object.mjs'] },
    ],
  },
  {
    name: 'kernels',
    about: 'the Linux driver on kernels of Debian, under QEMU',
    needs: ['debian'],
    programs: kernelTestNeeds,
    minutes: 30,
    tap: [node, 'scripts/kernel-tests.mjs'],
    inBackground: true,
  },
  {
    name: 'powershell',
    about: 'the module, as it is shipped, in real pwsh',
    needs: ['root', 'driver', 'powershell'],
    programs: moduleTestNeeds,
    minutes: 15,
    pester: 'test/psmodule',
  },
  {
    name: 'system',
    about: 'real traffic through the loaded driver',
    needs: ['root', 'driver'],
    programs: systemNeeds,
    minutes: 20,
    mocha: ['dist/test/system/**/*.test.js'],
  },
  {
    name: 'rates',
    about: 'limits and what flows reach, over every network, which takes both cores',
    needs: ['root', 'driver'],
    programs: systemNeeds,
    minutes: 10,
    alone: true,
    mocha: ['dist/test/rates/**/*.test.js'],
  },
];

/** Some once more for each other Node.js that is supported. */
export const suites = all.flatMap((suite) => [suite, ...(suite.onEachNode ? onOtherNodes(suite) : [])]);

function onOtherNodes(suite) {
  const others = Object.keys(nodeVersions).filter((major) => !process.version.startsWith(`v${major}.`));
  return others.map((node) => ({
    ...suite,
    name: `${suite.name}, Node ${node}`,
    about: 'the same on another Node.js',
    node,
  }));
}
