function Get-ProcessTraffic {
    <#
    .SYNOPSIS
        Gets what each process sends and receives.
    .DESCRIPTION
        Gets one object for each process that has sockets or traffic: the payload bytes that it handed to and took from
        its TCP and UDP sockets since the driver started, and how many of them in the last whole second. Headers and
        retransmissions are not counted. Starts the driver where it is not running.

        A process without sockets and traffic is left out. An id or a name that no process has is an error, and the
        others are shown all the same.
    .PARAMETER Id
        Gets the processes with these ids.
    .PARAMETER Name
        Gets the processes with these names. Wildcards are allowed.
    .PARAMETER InputObject
        Gets these processes, as Get-Process gives them.
    .PARAMETER Exited
        Gets processes that have ended as well.
    .PARAMETER Continuous
        Gets them again and again until Ctrl+C, or until Count is reached.
    .PARAMETER Interval
        Seconds between two times, 0.1 to 86400. One second where it is not given. Only with Continuous.
    .PARAMETER Count
        How many times they are got. Without it there is no end. Only with Continuous.
    .INPUTS
        System.Diagnostics.Process, or objects with a property Id, ProcessId, PID, Name or ProcessName.
    .OUTPUTS
        NetFlow.ProcessTraffic. Bytes and speeds (bytes per second) are whole numbers; a limit is null where there is none.
    .EXAMPLE
        Get-ProcessTraffic

        Gets all processes that have sockets or traffic.
    .EXAMPLE
        Get-ProcessTraffic | Sort-Object -Property UploadSpeed -Descending | Select-Object -First 5

        Gets the five processes that send most at the moment.
    .EXAMPLE
        Get-Process -Name p* | Get-ProcessTraffic

        Gets the traffic of the processes whose names begin with p.
    .EXAMPLE
        Get-ProcessTraffic -Continuous -Interval 0.5 -Count 2 | ConvertTo-Csv -NoTypeInformation

        Gets two samples, half a second apart, as CSV.
    .LINK
        Get-ProcessConnection
    .LINK
        Measure-ProcessTraffic
    .LINK
        about_NetFlow
    #>
    [CmdletBinding(DefaultParameterSetName = 'Id')]
    [OutputType([NetFlow.ProcessTraffic])]
    param(
        [Parameter(ParameterSetName = 'Id', ValueFromPipelineByPropertyName)]
        [Alias('ProcessId', 'PID')]
        [ValidateNotNullOrEmpty()]
        [ValidateRange(1, [int]::MaxValue)]
        [ArgumentCompleter([NetFlow.ProcessCompleter])]
        [int[]] $Id,

        [Parameter(ParameterSetName = 'Name', Position = 0, ValueFromPipelineByPropertyName)]
        [Alias('ProcessName')]
        [ValidateNotNullOrEmpty()]
        [SupportsWildcards()]
        [ArgumentCompleter([NetFlow.ProcessCompleter])]
        [string[]] $Name,

        [Parameter(ParameterSetName = 'InputObject', Mandatory, ValueFromPipeline)]
        [System.Diagnostics.Process[]] $InputObject,

        [switch] $Exited,

        [switch] $Continuous,

        [ValidateRange(0.1, 86400)]
        [double] $Interval = 1,

        [ValidateRange(1, [int]::MaxValue)]
        [int] $Count
    )

    begin {
        [NetFlow.Preferences]::Inherit($PSCmdlet, $ExecutionContext.SessionState)
        if (-not $Continuous -and ($PSBoundParameters.ContainsKey('Interval') -or $PSBoundParameters.ContainsKey('Count'))) {
            $message = 'Interval and Count say how often to get the traffic: give Continuous as well, or leave them out.'
            $PSCmdlet.ThrowTerminatingError([NetFlow.NetFlowException]::new('INVALID_ARGUMENT', $message, $null, $null).ErrorRecord)
        }
        $filter = [NetFlow.ProcessFilter]::new($MyInvocation.ExpectingInput)
    }

    process {
        $filter.Add($PSCmdlet.ParameterSetName, $PSBoundParameters)
    }

    end {
        if ($filter.IsNothing) { return }
        $PSCmdlet.WriteVerbose("Asking the host for the traffic of $filter")
        $call = if ($Continuous) { [NetFlow.Bridge]::WatchTraffic($filter, $Exited, $Interval, $Count) }
        else { [NetFlow.Bridge]::GetTraffic($filter, $Exited) }
        try { $call.Read($PSCmdlet) }
        finally { $call.Dispose() }
    }
}
