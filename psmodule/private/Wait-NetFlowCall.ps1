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
    $failure = $null
    do {
        try { $ready = $Call.Wait($milliseconds) }
        catch [NetFlow.NetFlowException] { $ready = $true; $failure = $_.Exception.ErrorRecord }
        foreach ($message in $Call.TakeMessages()) { $Cmdlet.WriteVerbose($message) }
    } until ($ready)

    # Outside of the catch, which would take this for one of the call's where the caller stops at errors.
    if ($null -ne $failure) { $Cmdlet.WriteError($failure) }
    $null -eq $failure
}
