function Stop-NetFlowDriver {
    <#
    .SYNOPSIS
        Stops the driver and removes every trace of it from the kernel.
    .DESCRIPTION
        Counting ends, and what was counted is lost. Does nothing where the driver is not running.
    .EXAMPLE
        Stop-NetFlowDriver -WhatIf

        Says what would be done.
    .EXAMPLE
        Stop-NetFlowDriver -Confirm:$false

        Stops the driver without a question.
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
    if ($PSCmdlet.ShouldProcess('the driver of NetFlow', 'Stop and forget what was counted')) {
        $PSCmdlet.WriteVerbose('Asking the host to stop the driver')
        [NetFlow.Bridge]::StopDriver().WaitForEnd($PSCmdlet)
    }
}
