function Export-ProcessBandwidthPolicy {
    <#
    .SYNOPSIS
        Writes the limits of this machine to a policy file.
    .DESCRIPTION
        Writes the limits for paths to a file that Import-ProcessBandwidthPolicy reads, here or on another machine. Its
        extension chooses the format, .csv or .json. An existing file is replaced. Limits for single processes are not
        written, since they end with their processes.
    .PARAMETER Path
        The file. Wildcards are not allowed.
    .EXAMPLE
        Export-ProcessBandwidthPolicy -Path ./limits.csv

        Writes the limits to a CSV file in the current folder.
    .EXAMPLE
        Export-ProcessBandwidthPolicy -Path ./limits.json -Confirm

        Asks, and then writes the limits as JSON.
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
    # All is inside the condition: where no user can be asked, ShouldProcess throws, and the function would go on.
    if ($PSCmdlet.ShouldProcess($file, 'Write the limits for paths to this file')) {
        $PSCmdlet.WriteVerbose("Asking the host to write $file")
        [NetFlow.Bridge]::ExportPolicy($file).WaitForEnd($PSCmdlet)
    }
}
