function Stop-NetFlowDriver {
    <#
    .SYNOPSIS
        Stops the driver and removes every trace of it from the kernel.
    .DESCRIPTION
        Ends the counting and loses its results, and asks before it does; -Confirm:$false answers. Does nothing if the
        driver is not running.
    .EXAMPLE
        Stop-NetFlowDriver

        Asks, and then stops the driver.
    .EXAMPLE
        Stop-NetFlowDriver -Confirm:$false

        Stops the driver without a question, as a script has to.
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
    if ($PSCmdlet.ShouldProcess('the driver of NetFlow', 'Stop and forget what was counted')) {
        $PSCmdlet.WriteVerbose('Asking the host to stop the driver')
        [NetFlow.Bridge]::StopDriver().WaitForEnd($PSCmdlet)
    }
}
