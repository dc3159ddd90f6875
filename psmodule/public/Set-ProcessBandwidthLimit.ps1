function Set-ProcessBandwidthLimit {
    <#
    .SYNOPSIS
        Limits how fast processes send and receive.
    .DESCRIPTION
        Adds or changes a limit, at once and for open connections too. A limit for a process ends with it. A limit for a
        path applies to every process of that executable, now and later; it is saved, and applied again after the machine
        has restarted.

        A limit is the number of payload bytes per second for all connections of a process together. Each process of a
        path has the limit for itself, unless it is shared. A process's own limit takes precedence over its path's.

        Properties Upload, Download and Shared of an object from the pipeline, as of a row of a CSV file, say what the
        parameters don't; an empty one says nothing.

        A rate that is not given stays as it was, and one that is null is refused: only 'none' lifts a limit. KB, MB and
        GB are multiples of 1024 bytes; kbit, mbit and gbit are multiples of 1000 bits: 1MB is 1048576, and 10mbit is
        1250000. A rate is at least 1KB.
    .PARAMETER Id
        Limits the processes with these ids.
    .PARAMETER Name
        Limits the running processes with these names. Wildcards are allowed.
    .PARAMETER Path
        Limits these executables. Wildcards are allowed, and match existing files.
    .PARAMETER LiteralPath
        Limits these executables. Wildcards are not allowed.
    .PARAMETER InputObject
        Limits these processes, limits, files, or objects with an Id, ProcessId, PID or Path, which may have Upload,
        Download and Shared.
    .PARAMETER Upload
        The bytes that may be sent in a second: a number, such as 1MB, or a text: '500KB', '1.5MB/s', '10mbit', 'none'.
    .PARAMETER Download
        The bytes that may be received in a second, written as for Upload.
    .PARAMETER Shared
        Gives the limit to all processes of a path together, and not to each for itself.
    .PARAMETER PassThru
        Returns the limits as they are now.
    .INPUTS
        System.Diagnostics.Process, NetFlow.ProcessTraffic, NetFlow.ProcessBandwidthLimit, System.IO.FileInfo, or objects
        with a property Id, ProcessId, PID or Path.
    .OUTPUTS
        NetFlow.ProcessBandwidthLimit, with PassThru.
    .EXAMPLE
        Set-ProcessBandwidthLimit -Name backup* -Upload 1MB

        Limits running processes with such a name to sending 1 MB (1048576 bytes) in a second.
    .EXAMPLE
        Set-ProcessBandwidthLimit -Path /usr/bin/curl -Upload 500KB -Download 10mbit -PassThru

        Limits every process of this executable, now and later, and returns the limit.
    .EXAMPLE
        Import-Csv -Path ./limits.csv | Set-ProcessBandwidthLimit

        Sets the limits of a file with columns Path, Upload, Download and Shared, and leaves all others as they are.
    .EXAMPLE
        Get-Process -Id $PID | Set-ProcessBandwidthLimit -Download none

        Removes this shell's download limit, and leaves its upload limit as it was.
    .LINK
        Get-ProcessBandwidthLimit
    .LINK
        Remove-ProcessBandwidthLimit
    .LINK
        about_NetFlow
    #>
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Id')]
    [OutputType([NetFlow.ProcessBandwidthLimit])]
    param(
        [Parameter(ParameterSetName = 'Id', Mandatory)]
        [Alias('ProcessId', 'PID')]
        [ValidateNotNullOrEmpty()]
        [ValidateRange(1, [int]::MaxValue)]
        [ArgumentCompleter([NetFlow.ProcessCompleter])]
        [int[]] $Id,

        [Parameter(ParameterSetName = 'Name', Mandatory, Position = 0)]
        [Alias('ProcessName')]
        [ValidateNotNullOrEmpty()]
        [SupportsWildcards()]
        [ArgumentCompleter([NetFlow.ProcessCompleter])]
        [string[]] $Name,

        [Parameter(ParameterSetName = 'Path', Mandatory)]
        [ValidateNotNullOrEmpty()]
        [SupportsWildcards()]
        [ArgumentCompleter([NetFlow.PathCompleter])]
        [string[]] $Path,

        [Parameter(ParameterSetName = 'LiteralPath', Mandatory)]
        [Alias('PSPath', 'LP')]
        [ValidateNotNullOrEmpty()]
        [ArgumentCompleter([NetFlow.PathCompleter])]
        [string[]] $LiteralPath,

        [Parameter(ParameterSetName = 'InputObject', Mandatory, ValueFromPipeline)]
        [ValidateNotNullOrEmpty()]
        [psobject[]] $InputObject,

        [ArgumentCompleter([NetFlow.RateCompleter])]
        [object] $Upload,

        [ArgumentCompleter([NetFlow.RateCompleter])]
        [object] $Download,

        [switch] $Shared,

        [switch] $PassThru
    )

    begin {
        [NetFlow.Preferences]::Inherit($PSCmdlet, $ExecutionContext.SessionState)
        $given = [NetFlow.LimitChange]::Read($PSCmdlet)
    }

    process {
        if ($null -eq $given) { return }
        $items = @(if ($PSCmdlet.ParameterSetName -eq 'InputObject') { $InputObject } else { $null })
        foreach ($item in $items) {
            $change = $given.For($PSCmdlet, $item)
            if ($null -eq $change) { continue }
            $parameters = if ($null -eq $item) { $PSBoundParameters } else { @{ InputObject = [psobject[]] @($item) } }
            # Collects agreed targets only: where no user can be asked, ShouldProcess throws, and the function would go on.
            $agreed = @(
                foreach ($target in [NetFlow.LimitTargets]::ToSet($PSCmdlet, $PSCmdlet.ParameterSetName, $parameters)) {
                    if ($PSCmdlet.ShouldProcess($target, $change)) { $target }
                }
            )
            if ($agreed.Count -eq 0) { continue }
            $PSCmdlet.WriteVerbose("Asking the host to limit $($agreed -join ', ')")
            $call = [NetFlow.Bridge]::SetLimits($agreed, $change)
            if ($PassThru) {
                try { $call.Read($PSCmdlet) }
                finally { $call.Dispose() }
            }
            else { $call.WaitForEnd($PSCmdlet) }
        }
    }
}
