function Export-ProcessBandwidthPolicy {
    <#
    .SYNOPSIS
        Writes the limits of this machine to a policy file.
    .DESCRIPTION
        Writes the limits for paths to a file that Import-ProcessBandwidthPolicy reads, here or on another machine. The
        ending says how: .csv or .json. A file that is there is replaced. Limits for single processes are not written,
        since they end with them.
    .PARAMETER Path
        The file. No character is a wildcard.
    .EXAMPLE
        Export-ProcessBandwidthPolicy -Path ./limits.csv -WhatIf

        Says which file would be written.
    .EXAMPLE
        Export-ProcessBandwidthPolicy -Path ./limits.json -WhatIf -Verbose

        Says the same for JSON; nothing is written.
    .LINK
        Import-ProcessBandwidthPolicy
    .LINK
        about_NetFlow
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType([void])]
    param(
        [Parameter(Mandatory, Position = 0)]
        [ValidateNotNullOrEmpty()]
        [string] $Path
    )

    [NetFlow.Preferences]::Inherit($PSCmdlet, $ExecutionContext.SessionState)
    $file = [NetFlow.ShellPath]::Find($PSCmdlet, $Path)
    if ($null -eq $file) { return }
    # All inside of the condition: where nobody can be asked, the question throws, and a script would go on after it.
    if ($PSCmdlet.ShouldProcess($file, 'Write the limits for paths to this file')) {
        $PSCmdlet.WriteVerbose("Asking the host to write $file")
        [NetFlow.Bridge]::ExportPolicy($file).WaitForEnd($PSCmdlet)
    }
}
