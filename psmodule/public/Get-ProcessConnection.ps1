function Get-ProcessConnection {
    <#
    .SYNOPSIS
        Gets the connections of processes, with the traffic of each.
    .DESCRIPTION
        Gets an object for each TCP and UDP socket that is bound, listening or connected, once for each process that has
        it open: addresses and ports, state, payload bytes since the driver started, and bytes in the last whole second.
        Starts the driver if it is not running.
    .PARAMETER Id
        Gets the connections of the processes with these ids.
    .PARAMETER Name
        Gets the connections of the processes with these names. Wildcards are allowed.
    .PARAMETER InputObject
        Gets the connections of these processes, as Get-Process gives them.
    .INPUTS
        System.Diagnostics.Process, or objects with a property Id, ProcessId, PID, Name or ProcessName.
    .OUTPUTS
        NetFlow.ProcessConnection
    .EXAMPLE
        Get-ProcessConnection | Where-Object -Property State -EQ -Value listen

        Gets the TCP sockets that wait for connections.
    .EXAMPLE
        Get-ProcessTraffic | Sort-Object -Property DownloadBytes -Descending | Select-Object -First 1 | Get-ProcessConnection

        Gets the connections of the process that received most.
    .LINK
        Get-ProcessTraffic
    .LINK
        about_NetFlow
    #>
    [CmdletBinding(DefaultParameterSetName = 'Id')]
    [OutputType([NetFlow.ProcessConnection])]
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
        [System.Diagnostics.Process[]] $InputObject
    )

    begin {
        [NetFlow.Preferences]::Inherit($PSCmdlet, $ExecutionContext.SessionState)
        $filter = [NetFlow.ProcessFilter]::new($MyInvocation.ExpectingInput)
    }

    process {
        $filter.Add($PSCmdlet.ParameterSetName, $PSBoundParameters)
    }

    end {
        if ($filter.IsNothing) { return }
        $PSCmdlet.WriteVerbose("Asking the host for the connections of $filter")
        $call = [NetFlow.Bridge]::GetConnections($filter)
        try { $call.Read($PSCmdlet) }
        finally { $call.Dispose() }
    }
}
