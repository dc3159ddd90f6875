function Import-ProcessBandwidthPolicy {
    <#
    .SYNOPSIS
        Applies the limits of a policy file.
    .DESCRIPTION
        Reads limits for paths from a file, and makes the policy's limits equal to them: adds and changes those that
        differ, and removes those of the policy that the file lacks. Limits that were set by hand stay. An error in the
        file leaves everything as it was. -Verbose reports each change, and -WhatIf each that would be made.

        A .csv file has the header Path,Upload,Download,Shared and a line for each path. A .json file has
        {"rules":[{"path":"...","upload":"1MB","download":"none","shared":false}]}. Rates are written as for
        Set-ProcessBandwidthLimit.
    .PARAMETER Path
        The file. Wildcards are not allowed.
    .EXAMPLE
        Import-ProcessBandwidthPolicy -Path ./limits.csv

        Applies the limits of the file.
    .EXAMPLE
        Import-ProcessBandwidthPolicy -Path ./limits.json -Verbose

        Applies the limits, and reports each change, as a start-up script may do.
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
    $file = [NetFlow.ShellPath]::FindFile($PSCmdlet, $Path)
    if ($null -eq $file) { return }
    # All is inside the condition: where no user can be asked, ShouldProcess throws, and the function would go on.
    if ($PSCmdlet.ShouldProcess($file, 'Make the limits for paths equal to this file')) {
        $PSCmdlet.WriteVerbose("Asking the host to apply $file")
        $call = [NetFlow.Bridge]::ApplyPolicy($file)
        try { foreach ($change in $call.Read($PSCmdlet)) { $PSCmdlet.WriteVerbose($change) } }
        finally { $call.Dispose() }
    }
    elseif ($WhatIfPreference) {
        $call = [NetFlow.Bridge]::PlanPolicy($file)
        try { foreach ($change in $call.Read($PSCmdlet)) { $null = $PSCmdlet.ShouldProcess($change, $null, $null) } }
        finally { $call.Dispose() }
    }
}
