function Remove-ProcessBandwidthLimit {
    <#
    .SYNOPSIS
        Removes limits on the traffic of processes.
    .DESCRIPTION
        Removes limits, at once and for open connections too. A target without a limit is an error; the other limits are
        removed all the same.
    .PARAMETER Id
        Removes the limits that were set for the processes with these ids.
    .PARAMETER Path
        Removes the limits for these executables. Wildcards are allowed, and match paths that have a limit.
    .PARAMETER LiteralPath
        Removes the limits for these executables. Wildcards are not allowed.
    .PARAMETER InputObject
        Removes these limits, as Get-ProcessBandwidthLimit gives them, or those that were set for these processes or files.
    .PARAMETER All
        Removes all limits that no policy has set, and asks before it does; -Confirm:$false answers.
    .INPUTS
        NetFlow.ProcessBandwidthLimit, System.Diagnostics.Process, System.IO.FileInfo, or objects with a property Id,
        ProcessId, PID or Path.
    .EXAMPLE
        Remove-ProcessBandwidthLimit -Path /usr/bin/curl

        Removes the limit for this executable.
    .EXAMPLE
        Get-ProcessBandwidthLimit | Where-Object -Property Processes -EQ -Value 0 | Remove-ProcessBandwidthLimit

        Removes the limits that are in force for no process at the moment.
    .EXAMPLE
        Remove-ProcessBandwidthLimit -All -WhatIf

        Shows what would be done, and changes nothing.
    .LINK
        Get-ProcessBandwidthLimit
    .LINK
        Set-ProcessBandwidthLimit
    .LINK
        about_NetFlow
    #>
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Id')]
    [OutputType([void])]
    param(
        [Parameter(ParameterSetName = 'Id', Mandatory)]
        [Alias('ProcessId', 'PID')]
        [ValidateNotNullOrEmpty()]
        [ValidateRange(1, [int]::MaxValue)]
        [ArgumentCompleter([NetFlow.LimitCompleter])]
        [int[]] $Id,

        [Parameter(ParameterSetName = 'Path', Mandatory)]
        [ValidateNotNullOrEmpty()]
        [SupportsWildcards()]
        [ArgumentCompleter([NetFlow.LimitCompleter])]
        [string[]] $Path,

        [Parameter(ParameterSetName = 'LiteralPath', Mandatory)]
        [Alias('PSPath', 'LP')]
        [ValidateNotNullOrEmpty()]
        [ArgumentCompleter([NetFlow.LimitCompleter])]
        [string[]] $LiteralPath,

        [Parameter(ParameterSetName = 'InputObject', Mandatory, ValueFromPipeline)]
        [ValidateNotNullOrEmpty()]
        [psobject[]] $InputObject,

        [Parameter(ParameterSetName = 'All', Mandatory)]
        [switch] $All
    )

    begin {
        [NetFlow.Preferences]::Inherit($PSCmdlet, $ExecutionContext.SessionState)
        $action = 'Remove the limit of the bandwidth'
        # All limits are worth the question that ConfirmImpact High asks, and a single one isn't.
        if ($All -and $ConfirmPreference -eq 'High') { $ConfirmPreference = 'Medium' }
    }

    process {
        # Collects agreed targets only: where no user can be asked, ShouldProcess throws, and the function would go on.
        if ($All) {
            if ($PSCmdlet.ShouldProcess('all that no policy has limited', $action)) {
                $PSCmdlet.WriteVerbose('Asking the host to remove all limits')
                [NetFlow.Bridge]::RemoveAllLimits().WaitForEnd($PSCmdlet)
            }
            return
        }
        $agreed = @(
            foreach ($target in [NetFlow.LimitTargets]::ToRemove($PSCmdlet, $PSCmdlet.ParameterSetName, $PSBoundParameters)) {
                if ($PSCmdlet.ShouldProcess($target, $action)) { $target }
            }
        )
        if ($agreed.Count -eq 0) { return }
        $PSCmdlet.WriteVerbose("Asking the host to remove the limit of $($agreed -join ', ')")
        [NetFlow.Bridge]::RemoveLimits($agreed).WaitForEnd($PSCmdlet)
    }
}
