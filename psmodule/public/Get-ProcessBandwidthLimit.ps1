function Get-ProcessBandwidthLimit {
    <#
    .SYNOPSIS
        Gets the limits for what processes send and receive.
    .DESCRIPTION
        Gets an object for each limit, including those of a policy: its target, the bytes that may be sent and received
        in a second, and the number of processes for which it is in force now.

        A process without a limit of its own is left out, even if its path has one. A path without a limit, and an id
        without a process, is an error.
    .PARAMETER Id
        Gets the limits that were set for the processes with these ids.
    .PARAMETER Path
        Gets the limits for these executables. Wildcards are allowed, and match paths that have a limit.
    .PARAMETER InputObject
        Gets the limits that were set for these: processes, files, or objects with an Id, ProcessId, PID or Path.
    .INPUTS
        System.Diagnostics.Process, System.IO.FileInfo, or objects with a property Id, ProcessId, PID or Path.
    .OUTPUTS
        NetFlow.ProcessBandwidthLimit. Limits are bytes per second, and null where there is none; ProcessId is null for a
        path, and Path for a process.
    .EXAMPLE
        Get-ProcessBandwidthLimit

        Gets all limits.
    .EXAMPLE
        Get-ProcessBandwidthLimit -Path /opt/backup/* | Remove-ProcessBandwidthLimit

        Removes the limits for executables in this folder.
    .EXAMPLE
        Get-ProcessBandwidthLimit | Where-Object -Property Source -EQ -Value policy

        Gets the limits that a policy has set.
    .LINK
        Set-ProcessBandwidthLimit
    .LINK
        Remove-ProcessBandwidthLimit
    .LINK
        about_NetFlow
    #>
    [CmdletBinding(DefaultParameterSetName = 'Id')]
    [OutputType([NetFlow.ProcessBandwidthLimit])]
    param(
        [Parameter(ParameterSetName = 'Id')]
        [Alias('ProcessId', 'PID')]
        [ValidateNotNullOrEmpty()]
        [ValidateRange(1, [int]::MaxValue)]
        [ArgumentCompleter([NetFlow.LimitCompleter])]
        [int[]] $Id,

        [Parameter(ParameterSetName = 'Path')]
        [ValidateNotNullOrEmpty()]
        [SupportsWildcards()]
        [ArgumentCompleter([NetFlow.LimitCompleter])]
        [string[]] $Path,

        [Parameter(ParameterSetName = 'InputObject', Mandatory, ValueFromPipeline)]
        [ValidateNotNullOrEmpty()]
        [psobject[]] $InputObject
    )

    begin {
        [NetFlow.Preferences]::Inherit($PSCmdlet, $ExecutionContext.SessionState)
        $filter = [NetFlow.LimitFilter]::new($MyInvocation.ExpectingInput)
    }

    process {
        $filter.Add($PSCmdlet, $PSCmdlet.ParameterSetName, $PSBoundParameters)
    }

    end {
        if ($filter.IsNothing) { return }
        $PSCmdlet.WriteVerbose("Asking the host for $filter")
        $call = [NetFlow.Bridge]::GetLimits($filter)
        try { $call.Read($PSCmdlet) }
        finally { $call.Dispose() }
    }
}
