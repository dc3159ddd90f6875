function Test-ProcessBandwidthPolicy {
    <#
    .SYNOPSIS
        Tests whether the limits of this machine are those of a policy file.
    .DESCRIPTION
        Compares the limits for paths with a file that Import-ProcessBandwidthPolicy reads, and returns whether they are
        equal. -Verbose reports each difference, and -Detailed returns them. Nothing is changed. If the file can't be
        read or understood, the result is an error, and neither true nor false.
    .PARAMETER Path
        The file. Wildcards are not allowed.
    .PARAMETER Detailed
        Returns an object for each difference, and none if there is none, in place of the Boolean.
    .OUTPUTS
        System.Boolean, or with Detailed NetFlow.PolicyDifference.
    .EXAMPLE
        Test-ProcessBandwidthPolicy -Path ./limits.csv

        Returns whether the limits are those of the file.
    .EXAMPLE
        if (-not (Test-ProcessBandwidthPolicy ./limits.csv -Verbose)) { Import-ProcessBandwidthPolicy ./limits.csv }

        Reports the differences, and applies the file if there are any.
    .EXAMPLE
        Test-ProcessBandwidthPolicy -Path ./limits.csv -Detailed | Export-Csv -NoTypeInformation -Path ./differences.csv

        Writes the differences to a file: the path, the rule of the policy file, and the one of this machine.
    .LINK
        Import-ProcessBandwidthPolicy
    .LINK
        about_NetFlow
    #>
    [CmdletBinding()]
    [OutputType([bool], [NetFlow.PolicyDifference])]
    param(
        [Parameter(Mandatory, Position = 0)]
        [ValidateNotNullOrEmpty()]
        [string] $Path,

        [switch] $Detailed
    )

    [NetFlow.Preferences]::Inherit($PSCmdlet, $ExecutionContext.SessionState)
    $file = [NetFlow.ShellPath]::FindFile($PSCmdlet, $Path)
    if ($null -eq $file) { return }
    $PSCmdlet.WriteVerbose("Asking the host to compare the limits with $file")
    $call = [NetFlow.Bridge]::TestPolicy($file)
    try {
        if (-not $call.WaitFor($PSCmdlet)) { return }
        $differences = $call.Take()
        foreach ($difference in $differences) { $PSCmdlet.WriteVerbose($difference) }
        if ($Detailed) { $differences } else { $differences.Length -eq 0 }
    }
    finally { $call.Dispose() }
}
