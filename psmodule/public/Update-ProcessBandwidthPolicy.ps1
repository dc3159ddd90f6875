function Update-ProcessBandwidthPolicy {
    <#
    .SYNOPSIS
        Applies the policy that the administrators of this machine have configured.
    .DESCRIPTION
        Makes the policy's limits equal to those that are configured: on Windows by Group Policy, in the registry values
        under HKLM\SOFTWARE\Policies\NetFlow\Limits; on Linux by the files in /etc/netflow/policy.d. -Verbose reports
        each change, and -WhatIf each that would be made. Limits that were set by hand stay. Where the configuration has
        gone, as when a Group Policy object no longer applies to the machine, its limits are removed.
    .EXAMPLE
        Update-ProcessBandwidthPolicy

        Applies the configured policy.
    .EXAMPLE
        Update-ProcessBandwidthPolicy -Verbose

        Applies the policy, and reports each change, as a start-up script or a scheduled task may do.
    .LINK
        Import-ProcessBandwidthPolicy
    .LINK
        about_NetFlow
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType([void])]
    param()

    [NetFlow.Preferences]::Inherit($PSCmdlet, $ExecutionContext.SessionState)
    # All is inside the condition: where no user can be asked, ShouldProcess throws, and the function would go on.
    if ($PSCmdlet.ShouldProcess('the limits of this machine', 'Apply its policy')) {
        $PSCmdlet.WriteVerbose("Asking the host to apply the machine's policy")
        $call = [NetFlow.Bridge]::UpdatePolicy()
        try { foreach ($change in $call.Read($PSCmdlet)) { $PSCmdlet.WriteVerbose($change) } }
        finally { $call.Dispose() }
    }
    elseif ($WhatIfPreference) {
        $call = [NetFlow.Bridge]::PlanPolicy()
        try { foreach ($change in $call.Read($PSCmdlet)) { $null = $PSCmdlet.ShouldProcess($change, $null, $null) } }
        finally { $call.Dispose() }
    }
}
