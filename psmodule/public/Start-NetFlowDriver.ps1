function Start-NetFlowDriver {
    <#
    .SYNOPSIS
        Starts the driver if it is not running.
    .DESCRIPTION
        Loads the driver, which then counts until it is stopped or the machine is, even after this shell has ended. The
        cmdlets that read start it by themselves; use this one to count from a known moment on.
    .EXAMPLE
        Start-NetFlowDriver

        Starts the driver, or does nothing if it runs already.
    .EXAMPLE
        Start-NetFlowDriver -Verbose

        Starts the driver, and reports what it waits for.
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
    if ($PSCmdlet.ShouldProcess('the driver of NetFlow', 'Start')) {
        $PSCmdlet.WriteVerbose('Asking the host to start the driver')
        [NetFlow.Bridge]::StartDriver().WaitForEnd($PSCmdlet)
    }
}
