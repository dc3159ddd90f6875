function Uninstall-NetFlowDriver {
    <#
    .SYNOPSIS
        Stops the driver and removes every trace of it from the machine.
    .DESCRIPTION
        Undoes what Install-NetFlowDriver and Start-NetFlowDriver did. What was counted is lost. The module stays.
    .EXAMPLE
        Uninstall-NetFlowDriver -WhatIf

        Says what would be done.
    .EXAMPLE
        Uninstall-NetFlowDriver -WhatIf -Verbose

        Says the same; nothing is changed.
    .LINK
        Get-NetFlowDriver
    .LINK
        about_NetFlow
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType([void])]
    param()

    [NetFlow.Preferences]::Inherit($PSCmdlet, $ExecutionContext.SessionState)
    # All inside of the condition: where nobody can be asked, the question throws, and a script would go on after it.
    if ($PSCmdlet.ShouldProcess('the driver of NetFlow', 'Stop, and remove every trace from the machine')) {
        $PSCmdlet.WriteVerbose('Asking the host to uninstall the driver')
        [NetFlow.Bridge]::UninstallDriver().WaitForEnd($PSCmdlet)
    }
}
