function Test-ProcessBandwidthPolicy {
    <#
    .SYNOPSIS
        Tests whether the limits of this machine are those of a policy file.
    .DESCRIPTION
        Compares the limits for paths with a file that Import-ProcessBandwidthPolicy reads, and says whether they are
        equal. What differs is told with -Verbose. Nothing is changed. Where the file can't be read or makes no sense,
        that is an error, and neither true nor false.
    .PARAMETER Path
        The file. No character is a wildcard.
    .OUTPUTS
        System.Boolean
    .EXAMPLE
        Test-ProcessBandwidthPolicy -Path ./limits.csv

        Says whether the limits are those of the file.
    .EXAMPLE
        if (-not (Test-ProcessBandwidthPolicy -Path ./limits.csv -Verbose)) { Import-ProcessBandwidthPolicy -Path ./limits.csv -WhatIf }

        Tells what differs, and what would be done about it.
    .LINK
        Import-ProcessBandwidthPolicy
    .LINK
        about_NetFlow
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(Mandatory, Position = 0)]
        [ValidateNotNullOrEmpty()]
        [string] $Path
    )

    [NetFlow.Preferences]::Inherit($PSCmdlet, $ExecutionContext.SessionState)
    $file = [NetFlow.ShellPath]::Find($PSCmdlet, $Path)
    if ($null -eq $file) { return }
    $PSCmdlet.WriteVerbose("Asking the host to compare the limits with $file")
    $call = [NetFlow.Bridge]::TestPolicy($file)
    try {
        if (-not $call.WaitFor($PSCmdlet)) { return }
        $differences = $call.Take()
        foreach ($difference in $differences) { $PSCmdlet.WriteVerbose($difference) }
        $differences.Length -eq 0
    }
    finally { $call.Dispose() }
}
