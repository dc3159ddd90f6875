function Install-NetFlowDriver {
    <#
    .SYNOPSIS
        Installs the driver, to be started with the machine.
    .DESCRIPTION
        Makes the system start the driver at each start of the machine, and starts it now.
    .EXAMPLE
        Install-NetFlowDriver -WhatIf

        Says what would be done.
    .EXAMPLE
        Install-NetFlowDriver -WhatIf -Verbose

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
    if ($PSCmdlet.ShouldProcess('the driver of NetFlow', 'Install, to be started with the machine')) {
        $PSCmdlet.WriteVerbose('Asking the host to install the driver')
        [NetFlow.Bridge]::InstallDriver().WaitForEnd($PSCmdlet)
    }
}
