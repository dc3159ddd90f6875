# Notes what a cmdlet was given, by parameter or through the pipeline. All of it is asked for together at the end: one
# snapshot, however many objects come.
function Add-NetFlowTarget {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [NetFlow.Target] $Target,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Parameters
    )

    if ($Parameters.ContainsKey('InputObject')) { foreach ($process in $Parameters['InputObject']) { $Target.AddId($process.Id) } }
    elseif ($Parameters.ContainsKey('Id')) { foreach ($id in $Parameters['Id']) { $Target.AddId($id) } }
    elseif ($Parameters.ContainsKey('Name')) { foreach ($name in $Parameters['Name']) { $Target.AddName($name) } }
}
