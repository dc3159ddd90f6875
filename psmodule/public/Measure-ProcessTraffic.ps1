function Measure-ProcessTraffic {
    <#
    .SYNOPSIS
        Measures what a script block sends and receives.
    .DESCRIPTION
        Runs a script block and tells the payload bytes that it transferred: those of this shell while the block ran, and
        those of every process that the block started and their children, however short they lived. What else this
        shell transfers meanwhile, in other runspaces, is counted too. Starts the driver where it is not running.

        As with Measure-Command, the output of the block is discarded, its errors and warnings are shown, and the
        variables that it assigns are there afterwards.

        A shell measures one block at a time.
    .PARAMETER ScriptBlock
        What to run.
    .OUTPUTS
        NetFlow.TrafficMeasurement. ExitCode is that of the last program that the block ran, or null.
    .EXAMPLE
        Measure-ProcessTraffic -ScriptBlock { Get-ProcessTraffic }

        Says what getting the traffic transfers: nothing.
    .EXAMPLE
        (Measure-ProcessTraffic { Start-Sleep -Milliseconds 100 }).DownloadBytes

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
