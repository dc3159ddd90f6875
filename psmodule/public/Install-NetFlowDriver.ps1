function Install-NetFlowDriver {
    <#
    .SYNOPSIS
        Installs the driver, which then starts with the machine.
    .DESCRIPTION
        Makes the system start the driver at each start of the machine, and starts it now.
    .EXAMPLE
        Install-NetFlowDriver

        Starts the driver now and with the machine.
    .EXAMPLE
        Install-NetFlowDriver -Confirm; (Get-NetFlowDriver).State

        Asks, installs the driver, and gets its state.
    .LINK
        Get-NetFlowDriver
    .LINK
        about_NetFlow
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType([void])]
    param()

    [NetFlow.Preferences]::Inherit($PSCmdlet, $ExecutionContext.SessionState)
    # All is inside the condition: where no user can be asked, ShouldProcess throws, and the function would go on.
    if ($PSCmdlet.ShouldProcess('the driver of NetFlow', 'Install, to be started with the machine')) {
        $PSCmdlet.WriteVerbose('Asking the host to install the driver')
        [NetFlow.Bridge]::InstallDriver().WaitForEnd($PSCmdlet)
    }
}
