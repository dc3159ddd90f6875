function Set-ProcessBandwidthLimit {
    <#
    .SYNOPSIS
        Limits how fast processes send and receive.
    .DESCRIPTION
        Adds or changes a limit, at once, for connections that are open too. A limit for a process ends with it. A limit
        for a path is for every process that was or will be started from that executable, is saved, and is there again
        after the machine has been restarted.

        The limit is for the payload bytes per second of all connections of a process together. Each process that a path
        stands for has it for itself, unless it is shared. A limit for a process goes before one for its path.

        What is not given stays as it was. In a rate, KB, MB and GB are multiples of 1024 bytes, kbit, mbit and gbit of 1000
        bits; 1MB is 1048576, and 10mbit is 1250000. A rate is at least 1KB.
    .PARAMETER Id
        Limits the processes with these ids.
    .PARAMETER Name
        Limits the processes that run and have these names. Wildcards are allowed.
    .PARAMETER Path
        Limits these executables. Wildcards are allowed, and stand for files that are there.
    .PARAMETER LiteralPath
        Limits these executables. No character is a wildcard.
    .PARAMETER InputObject
        Limits these: processes, limits that are there, files, or objects with an Id, ProcessId, PID or Path.
    .PARAMETER Upload
        What may be sent in a second: a number of bytes, as in 1MB, or a text: '500KB', '1.5MB/s', '10mbit', 'none'.
    .PARAMETER Download
        What may be received in a second, written as for Upload.
    .PARAMETER Shared
        Gives the limit to all processes of a path together, and not to each for itself.
    .PARAMETER PassThru
        Puts out the limits as they are now.
    .INPUTS
        System.Diagnostics.Process, NetFlow.ProcessTraffic, NetFlow.ProcessBandwidthLimit, System.IO.FileInfo, or objects
        with a property Id, ProcessId, PID or Path.
    .OUTPUTS
        NetFlow.ProcessBandwidthLimit, with PassThru.
    .EXAMPLE
        Set-ProcessBandwidthLimit -Name backup* -Upload 1MB -WhatIf

        Says which processes would be limited to sending 1 MB (1048576 bytes) in a second.
    .EXAMPLE
        Set-ProcessBandwidthLimit -Path /usr/bin/netflow-example -Upload 500KB -Download 10mbit -PassThru

        Limits every process of this executable, now and later, and shows the limit.
    .EXAMPLE
        Get-Process -Id $PID | Set-ProcessBandwidthLimit -Download none

        Lifts the limit for what this shell receives, and leaves the one for what it sends as it was.
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

        [object] $Upload,

        [object] $Download,

        [switch] $Shared,

        [switch] $PassThru
    )

    begin {
        [NetFlow.Preferences]::Inherit($PSCmdlet, $ExecutionContext.SessionState)
        if (-not ($PSBoundParameters.ContainsKey('Upload') -or $PSBoundParameters.ContainsKey('Download') -or $PSBoundParameters.ContainsKey('Shared'))) {
            $message = "There is nothing to change: give Upload or Download, which may be 'none', or Shared."
            $PSCmdlet.ThrowTerminatingError([NetFlow.NetFlowException]::new('INVALID_ARGUMENT', $message, $null, $null).ErrorRecord)
        }
        $change = [NetFlow.LimitChange]::Read($PSCmdlet)
    }

    process {
        if ($null -eq $change) { return }
        # Only what was agreed to: where nobody can be asked, the question throws, and a script would go on after it.
        $agreed = @(
            foreach ($target in [NetFlow.LimitTargets]::ToSet($PSCmdlet, $PSCmdlet.ParameterSetName, $PSBoundParameters)) {
                if ($PSCmdlet.ShouldProcess($target, $change)) { $target }
            }
        )
        if ($agreed.Count -eq 0) { return }
        $PSCmdlet.WriteVerbose("Asking the host to limit $($agreed -join ', ')")
        $call = [NetFlow.Bridge]::SetLimits($agreed, $change)
        if (-not $PassThru) {
            $call.WaitForEnd($PSCmdlet)
            return
        }
        try { $call.Read($PSCmdlet) }
        finally { $call.Dispose() }
    }
}
