function Update-ProcessBandwidthPolicy {
    <#
    .SYNOPSIS
        Applies the policy that the administrators of this machine have set.
    .DESCRIPTION
        Makes the limits that come from a policy those that the machine's configuration asks for now: on Windows the values
        that Group Policy has put into the registry, under HKLM\SOFTWARE\Policies\NetFlow\Limits; on Linux the files in the
        folder /etc/netflow/policy.d. What is changed is told with -Verbose. Limits that were set by hand stay.
    .EXAMPLE
        Update-ProcessBandwidthPolicy -WhatIf

        Says what would be done.
    .EXAMPLE
        Update-ProcessBandwidthPolicy -Verbose

        Applies the policy, and tells what has changed. A start-up script or a scheduled task calls it like this.
    .LINK
        Import-ProcessBandwidthPolicy
    .LINK
        about_NetFlow
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType([void])]
    param()

    [NetFlow.Preferences]::Inherit($PSCmdlet, $ExecutionContext.SessionState)
    # All inside of the condition: where nobody can be asked, the question throws, and a script would go on after it.
    if ($PSCmdlet.ShouldProcess('the limits of this machine', 'Apply its policy')) {
        $PSCmdlet.WriteVerbose("Asking the host to apply the machine's policy")
        $call = [NetFlow.Bridge]::UpdatePolicy()
        try { foreach ($change in $call.Read($PSCmdlet)) { $PSCmdlet.WriteVerbose($change) } }
        finally { $call.Dispose() }
    }
}
