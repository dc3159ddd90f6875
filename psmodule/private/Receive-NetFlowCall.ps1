# Emits what a call brings, batch by batch, and ends the call whatever happens. What fails is an error of the cmdlet.
function Receive-NetFlowCall {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [NetFlow.Call] $Call,
        [Parameter(Mandatory)] [System.Management.Automation.PSCmdlet] $Cmdlet
    )

    try {
        while (Wait-NetFlowCall -Call $Call -Cmdlet $Cmdlet) {
            $batch = $Call.Take()
            if ($null -eq $batch) { return }
            foreach ($missing in $Call.Missing) { $Cmdlet.WriteError($missing.ErrorRecord) }
            $batch
        }
    }
    finally {
        $Call.Dispose()
    }
}
