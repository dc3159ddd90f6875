function Measure-ProcessTraffic {
    <#
    .SYNOPSIS
        Measures the traffic of a script block.
    .DESCRIPTION
        Runs a script block and returns the payload bytes that it transferred: those of this shell while the block ran,
        and those of every process that the block started and of their children, however short they lived. Traffic of
        this shell's other runspaces in the meantime is included. Starts the driver if it is not running.

        As with Measure-Command, the output of the block is discarded, its errors and warnings are shown, and the
        variables that it assigns keep their values afterwards.

        A shell measures one block at a time.
    .PARAMETER ScriptBlock
        The script block to run.
    .OUTPUTS
        NetFlow.TrafficMeasurement. ExitCode is that of the last program that the block ran, or null.
    .EXAMPLE
        Measure-ProcessTraffic -ScriptBlock { curl -s http://localhost/ }

        Measures a request to this machine's web server.
    .EXAMPLE
        (Measure-ProcessTraffic { curl -s http://localhost/ }).DownloadBytes

        Gets only the bytes that were received.
    .LINK
        Get-ProcessTraffic
    .LINK
        about_NetFlow
    #>
    [CmdletBinding()]
    [OutputType([NetFlow.TrafficMeasurement])]
    param(
        [Parameter(Mandatory, Position = 0)]
        [scriptblock] $ScriptBlock
    )

    [NetFlow.Preferences]::Inherit($PSCmdlet, $ExecutionContext.SessionState)
    $PSCmdlet.WriteVerbose('Asking the host to measure this shell and what it starts')
    $call = [NetFlow.Bridge]::MeasureTraffic()
    try {
        if (-not $call.WaitFor($PSCmdlet)) { return }
        [void] $call.Take()
        $exitCode = Invoke-NetFlowBlock -ScriptBlock $ScriptBlock
        $call.Finish()
        if (-not $call.WaitFor($PSCmdlet)) { return }
        foreach ($measurement in $call.Take()) {
            $measurement.Command = $ScriptBlock.ToString().Trim()
            $measurement.ExitCode = $exitCode
            $measurement
        }
    }
    finally {
        $call.Dispose()
    }
}
