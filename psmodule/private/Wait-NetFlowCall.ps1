# Waits until a batch can be taken, and says what the host does meanwhile; false where the call failed, which is an error
# of the cmdlet. It waits in small steps, since Ctrl+C stops a script between two statements only.
function Wait-NetFlowCall {
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(Mandatory)] [NetFlow.Call] $Call,
        [Parameter(Mandatory)] [System.Management.Automation.PSCmdlet] $Cmdlet
    )

    $milliseconds = 50
    do {
        $ready = $Call.Wait($milliseconds)
        foreach ($message in $Call.TakeMessages()) { $Cmdlet.WriteVerbose($message) }
    } until ($ready)

    if ($null -ne $Call.Failure) { $Cmdlet.WriteError($Call.Failure.ErrorRecord) }
    $null -eq $Call.Failure
}
