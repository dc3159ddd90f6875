function Get-NetFlowDriver {
    <#
    .SYNOPSIS
        Gets the state of NetFlow's driver.
    .DESCRIPTION
        Gets which driver this machine has, whether it runs and since when, what it needs of the system and whether that
        is there, and what could not be recorded. Does not start the driver.
    .OUTPUTS
        NetFlow.DriverStatus
    .EXAMPLE
        Get-NetFlowDriver

        Shows the state of the driver.
    .EXAMPLE
        (Get-NetFlowDriver).Requirements | Where-Object -Property Ok -EQ -Value $false

        Gets what the system lacks.
    .LINK
        Start-NetFlowDriver
    .LINK
        about_NetFlow
    #>
    [CmdletBinding()]
    [OutputType([NetFlow.DriverStatus])]
    param()

    [NetFlow.Preferences]::Inherit($PSCmdlet, $ExecutionContext.SessionState)
    $PSCmdlet.WriteVerbose("Asking the host for the driver's state")
    $call = [NetFlow.Bridge]::GetDriver()
    try { $call.Read($PSCmdlet) }
    finally { $call.Dispose() }
}
