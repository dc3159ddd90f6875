function Start-NetFlowDriver {
    <#
    .SYNOPSIS
        Starts the driver, where it is not running.
    .DESCRIPTION
        Loads the driver, which counts from then on until it is stopped or the machine is, whatever becomes of this shell.
        The cmdlets that read start it by themselves; this one is for counting from a known moment on.
    .EXAMPLE
        Start-NetFlowDriver -WhatIf

        Says what would be done.
    .EXAMPLE
        Start-NetFlowDriver

        Starts the driver, and does nothing where it runs.
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
    if ($PSCmdlet.ShouldProcess('the driver of NetFlow', 'Start')) {
        $PSCmdlet.WriteVerbose('Asking the host to start the driver')
        [NetFlow.Bridge]::StartDriver().WaitForEnd($PSCmdlet)
    }
}
