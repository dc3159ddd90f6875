function Get-NetFlowDriver {
    <#
    .SYNOPSIS
        Gets the state of NetFlow's driver.
    .DESCRIPTION
        Gets the driver's kind, version and state, since when it runs, whether the system meets its requirements, and how
        much it could not record. Does not start the driver.
    .OUTPUTS
        NetFlow.DriverStatus
    .EXAMPLE
        Get-NetFlowDriver

        Shows the state of the driver.
    .EXAMPLE
        (Get-NetFlowDriver).Requirements | Where-Object -Property Ok -EQ -Value $false

        Gets the requirements that the system does not meet.
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
