function Get-ProcessConnection {
    <#
    .SYNOPSIS
        Gets the connections of processes, with the traffic of each.
    .DESCRIPTION
        Gets an object for each TCP and UDP socket that is bound, listening or connected, once for each process that has
        it open: addresses and ports, state, payload bytes since the driver started, and bytes in the last whole second.
        Starts the driver if it is not running.

        Where there is no other side, a table shows the address and port that the process listens on. On a narrow screen
        it leaves out states, protocols and local addresses.
    .PARAMETER Id
        Gets the connections of the processes with these ids.
    .PARAMETER Name
        Gets the connections of the processes with these names. Wildcards are allowed.
    .PARAMETER InputObject
        Gets the connections of these processes, as Get-Process gives them.
    .PARAMETER LocalAddress
        Gets the connections from these addresses, or ranges of them, as in 10.0.0.0/8.
    .PARAMETER LocalPort
        Gets the connections with these ports on this side.
    .PARAMETER RemoteAddress
        Gets the connections to these addresses, or ranges of them, as in 10.0.0.0/8.
    .PARAMETER RemotePort
        Gets the connections with these ports on the other side.
    .PARAMETER State
        Gets the connections in these states.
    .PARAMETER Protocol
        Gets the connections of these protocols.
    .INPUTS
        System.Diagnostics.Process, or objects with a property Id, ProcessId, PID, Name or ProcessName.
    .OUTPUTS
        NetFlow.ProcessConnection
    .EXAMPLE
        Get-ProcessConnection -State listen

        Gets the TCP sockets that wait for connections.
    .EXAMPLE
        Get-ProcessConnection -RemoteAddress 10.0.0.0/8 -RemotePort 443 | Sort-Object -Property UploadBytes -Descending

        Gets the connections to web servers of this network, with those that sent most first.
    .EXAMPLE
        Get-ProcessTraffic | Sort-Object DownloadBytes -Descending | Select-Object -First 1 | Get-ProcessConnection

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
        [System.Diagnostics.Process[]] $InputObject,

        [ValidateNotNullOrEmpty()]
        [string[]] $LocalAddress,

        [ValidateRange(1, 65535)]
        [int[]] $LocalPort,

        [ValidateNotNullOrEmpty()]
        [string[]] $RemoteAddress,

        [ValidateRange(1, 65535)]
        [int[]] $RemotePort,

        [ValidateSet('listen', 'syn-sent', 'syn-received', 'established', 'fin-wait-1', 'fin-wait-2', 'close-wait', 'closing', 'last-ack', 'time-wait', 'closed')]
        [string[]] $State,

        [ValidateSet('tcp', 'udp', 'sctp', 'icmp', 'raw', 'packet')]
        [string[]] $Protocol
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
        $call = [NetFlow.Bridge]::GetConnections($filter, $PSBoundParameters)
        try { $call.Read($PSCmdlet) }
        finally { $call.Dispose() }
    }
}
