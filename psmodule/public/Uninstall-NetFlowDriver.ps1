function Uninstall-NetFlowDriver {
    <#
    .SYNOPSIS
        Stops the driver and removes every trace of it from the machine.
    .DESCRIPTION
        Undoes Install-NetFlowDriver and Start-NetFlowDriver, and loses all counts and limits. It asks first, unless
        -Confirm:$false is given. The module stays.
    .EXAMPLE
        Uninstall-NetFlowDriver

        Asks, and then stops the driver and removes it from the machine.
    .EXAMPLE
        Uninstall-NetFlowDriver -Confirm:$false

        Removes the driver without a question, as a script has to.
    .LINK
        Get-NetFlowDriver
    .LINK
        about_NetFlow
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
    [OutputType([void])]
    param()

    [NetFlow.Preferences]::Inherit($PSCmdlet, $ExecutionContext.SessionState)
    # All is inside the condition: where no user can be asked, ShouldProcess throws, and the function would go on.
    if ($PSCmdlet.ShouldProcess('the driver of NetFlow', 'Stop, and remove every trace from the machine')) {
        $PSCmdlet.WriteVerbose('Asking the host to uninstall the driver')
        [NetFlow.Bridge]::UninstallDriver().WaitForEnd($PSCmdlet)
    }
}
