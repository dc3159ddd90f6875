// The parts that only PowerShell has: each record's class and views, and where it differs from the TypeScript interface. A
// new field needs nothing here.

/** Headings that are shorter in PowerShell, or what its own cmdlets say. */
export const headings = { PID: 'Id', Processes: 'Procs' };

const endpoint = (address, port) =>
  `$(if ($_.${address} -like '*:*') { '[' + $_.${address} + ']' } else { $_.${address} }) + $(if ($_.${port}) { ':' + $_.${port} })`;

/**
 * `fields` names a table of core/fields.ts, `rows` the one whose fields the host sends, where that is another. `about`
 * and `types` replace a field's comment and C# type, `scripts` and `headings` what its column shows and is called.
 * `columns` are those of the table in their order, the most important first: a narrow screen shows no others.
 * `groupBy` is a property: each of its values has a table of its own.
 */
export const powershellRecords = [
  {
    type: 'ProcessTraffic',
    interface: 'TimedTraffic',
    fields: 'timedFields',
    about: { time: 'When it was read; local time.', startTime: 'Local time, as PowerShell gives it.' },
    views: ['table', 'list'],
    groupBy: 'Time',
  },
  {
    type: 'ProcessConnection',
    interface: 'Connection',
    fields: 'connectionFields',
    views: ['table'],
    wrap: true, // an address is never cut; names are, so that nothing else is wrapped
    columns: [
      ...['processId', 'processName', 'remoteAddress', 'uploadBytes', 'downloadBytes'], // 80 columns
      ...['state', 'protocol', 'uploadSpeed', 'downloadSpeed', 'localAddress'],
    ],
    headings: { localAddress: 'Local', remoteAddress: 'Remote' },
    scripts: {
      processName: "$_.ProcessName -replace '^(.{14}).{2,}$', ('$1' + [char] 0x2026)",
      localAddress: endpoint('LocalAddress', 'LocalPort'),
      remoteAddress: `if ($_.RemoteAddress -match '^[:0.]*$') { 'on ' + ${endpoint('LocalAddress', 'LocalPort')} } else { ${endpoint('RemoteAddress', 'RemotePort')} }`,
    },
  },
  {
    type: 'ProcessBandwidthLimit',
    interface: 'Limit',
    fields: 'limitFields',
    views: ['table', 'list'],
  },
  {
    type: 'TrafficMeasurement',
    interface: 'Measurement',
    fields: 'measurementFields',
    rows: 'transferFields',
    summary: 'What was transferred while a script block ran. Speeds are averages, in bytes per second.',
    about: {
      exitCode: 'Of the last program that the block ran; null where it ran none.',
      processes: 'How many processes the block started, those that its programs started included.',
    },
    types: { exitCode: 'int?', processes: 'int' },
    views: ['list'],
  },
  {
    type: 'DriverStatus',
    interface: 'DriverStatus',
    fields: 'driverFields',
    about: { since: 'Local time; null where the driver is not running.' },
    types: { requirements: 'DriverRequirement[]' },
    views: ['list'],
    scripts: {
      requirements:
        "$($_.Requirements | ForEach-Object -Process { $(if ($_.Ok) { 'ok       ' } else { 'missing  ' }) + $_.Name + ': ' + $_.Detail }) -join [System.Environment]::NewLine",
    },
  },
  {
    type: 'DriverRequirement',
    interface: 'Requirement',
    fields: 'requirementFields',
    views: ['table'],
  },
];
