function Import-ProcessBandwidthPolicy {
    <#
    .SYNOPSIS
        Makes the limits of this machine those of a policy file.
    .DESCRIPTION
        Reads limits for paths from a file, and makes the limits for paths equal to them: those that differ are changed, and
        those that the file does not have are removed. Where anything in the file makes no sense, nothing is changed. What
        is changed is told with -Verbose.

        A file ending in .csv has the header Path,Upload,Download,Shared and a line for each path. One ending in .json has
        {"rules":[{"path":"...","upload":"1MB","download":"none","shared":false}]}. Rates are written as for
        Set-ProcessBandwidthLimit.
    .PARAMETER Path
        The file. No character is a wildcard.
    .EXAMPLE
        Import-ProcessBandwidthPolicy -Path ./limits.csv -WhatIf

        Says what would be done.
    .EXAMPLE
        Import-ProcessBandwidthPolicy -Path ./limits.json -Verbose

        Makes the limits those of the file, and tells what has changed. A start-up script calls it like this.
    .LINK
        Export-ProcessBandwidthPolicy
    .LINK
        Test-ProcessBandwidthPolicy
    .LINK
        about_NetFlow
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType([void])]
    param(
        [Parameter(Mandatory, Position = 0)]
        [ValidateNotNullOrEmpty()]
        [string] $Path
    )

    [NetFlow.Preferences]::Inherit($PSCmdlet, $ExecutionContext.SessionState)
    $file = [NetFlow.ShellPath]::Find($PSCmdlet, $Path)
    if ($null -eq $file) { return }
    # All inside of the condition: where nobody can be asked, the question throws, and a script would go on after it.
    if ($PSCmdlet.ShouldProcess($file, 'Make the limits for paths equal to this file')) {
        $PSCmdlet.WriteVerbose("Asking the host to apply $file")
        $call = [NetFlow.Bridge]::ApplyPolicy($file)
        try { foreach ($change in $call.Read($PSCmdlet)) { $PSCmdlet.WriteVerbose($change) } }
        finally { $call.Dispose() }
    }
}
