function Stop-NetFlowDriver {
    <#
    .SYNOPSIS
        Stops the driver and removes every trace of it from the kernel.
    .DESCRIPTION
        Ends the counting and loses its results. Does nothing if the driver is not running.
    .EXAMPLE
        Stop-NetFlowDriver

        Stops the driver.
    .EXAMPLE
        Stop-NetFlowDriver -Confirm

        Asks before it stops the driver.
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
    if ($PSCmdlet.ShouldProcess('the driver of NetFlow', 'Stop and forget what was counted')) {
        $PSCmdlet.WriteVerbose('Asking the host to stop the driver')
        [NetFlow.Bridge]::StopDriver().WaitForEnd($PSCmdlet)
    }
}
