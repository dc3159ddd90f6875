# What Windows PowerShell 5.1 would not take, in scripts and assemblies.

# The commands that the module's scripts use, with the parameters that 5.1 has. What is not here is reported, so that
# who uses another one looks it up first.
$script:Known = @{
    'Add-Member' = 'InputObject', 'MemberType', 'Name', 'Value', 'Force', 'PassThru'
    'Export-ModuleMember' = 'Function', 'Alias', 'Cmdlet', 'Variable'
    'ForEach-Object' = 'Begin', 'Process', 'End', 'InputObject', 'MemberName', 'ArgumentList'
    'Get-ChildItem' = 'Path', 'LiteralPath', 'Filter', 'Include', 'Exclude', 'Recurse', 'Depth', 'Force', 'Name', 'File', 'Directory'
    'Get-Content' = 'Path', 'LiteralPath', 'Raw', 'TotalCount', 'Tail', 'Encoding', 'ReadCount'
    'Get-Item' = 'Path', 'LiteralPath', 'Force'
    'Get-Process' = 'Id', 'Name', 'InputObject'
    'Get-Variable' = 'Name', 'Scope', 'ValueOnly'
    'Import-Module' = 'Name', 'Force', 'Global', 'PassThru'
    'Join-Path' = 'Path', 'ChildPath', 'Resolve'
    'New-Object' = 'TypeName', 'ArgumentList', 'Property'
    'Select-Object' = 'Property', 'ExpandProperty', 'First', 'Last', 'Skip', 'Unique', 'Index', 'InputObject'
    'Set-StrictMode' = 'Version', 'Off'
    'Sort-Object' = 'Property', 'Descending', 'Unique', 'InputObject', 'CaseSensitive', 'Culture'
    'Split-Path' = 'Path', 'Parent', 'Leaf', 'LiteralPath'
    'Test-Path' = 'Path', 'LiteralPath', 'PathType'
    'Where-Object' = 'FilterScript', 'Property', 'Value', 'EQ', 'NE', 'GT', 'GE', 'LT', 'LE', 'Like', 'NotLike', 'Match', 'NotMatch', 'In', 'Contains', 'InputObject'
    'Write-Error' = 'Message', 'ErrorRecord', 'Exception', 'Category', 'ErrorId', 'TargetObject', 'RecommendedAction'
    'Write-Verbose' = 'Message'
    'Write-Warning' = 'Message'
}
$script:CommonInBoth = 'Verbose', 'Debug', 'ErrorAction', 'WarningAction', 'InformationAction', 'ErrorVariable', 'WarningVariable', 'InformationVariable', 'OutVariable', 'OutBuffer', 'PipelineVariable', 'WhatIf', 'Confirm'
$script:LaterVariables = 'IsWindows', 'IsLinux', 'IsMacOS', 'IsCoreCLR', 'PSStyle', 'EnabledExperimentalFeatures', 'PSNativeCommandArgumentPassing', 'PSNativeCommandUseErrorActionPreference'
$script:LaterAttributes = 'ArgumentCompletions', 'ValidateNotNullOrWhiteSpace', 'ValidateUserDrive', 'Experimental', 'NoRunspaceAffinity', 'ExperimentalAttribute'
$script:LaterTypes = 'System.OperatingSystem', 'System.Text.Json.JsonSerializer', 'System.HashCode', 'System.Index', 'System.Range', 'System.MemoryExtensions', 'semver', 'System.Management.Automation.SemanticVersion'

# The scripts in a file: itself, or those that are in the XML of a format or types file.
function Get-Script([string] $Path) {
    switch -Regex ($Path) {
        '\.ps1xml$' {
            $document = [xml] (Get-Content -LiteralPath $Path -Raw)
            foreach ($node in $document.SelectNodes('//ScriptBlock | //GetScriptBlock | //SetScriptBlock | //Script')) { $node.InnerText }
        }
        '\.(ps1|psm1|psd1)$' { Get-Content -LiteralPath $Path -Raw }
    }
}

# One line for each thing in a script that 5.1 does not know, or that means something else there or on Linux.
function Find-Later([string] $Code) {
    $tokens = $problems = $null
    $tree = [System.Management.Automation.Language.Parser]::ParseInput($Code, [ref] $tokens, [ref] $problems)
    foreach ($problem in $problems) { "does not parse: $($problem.Message)" }
    foreach ($node in $tree.FindAll({ $true }, $true)) { Find-LaterNode $node }
    foreach ($token in $tokens) { Find-LaterToken $token }
}

function Find-LaterNode($Node) {
    $text = $Node.Extent.Text
    switch ($Node.GetType().Name) {
        'TernaryExpressionAst' { "ternary: $text" }
        'PipelineChainAst' { "pipeline chain: $text" }
        'PipelineAst' { if ($Node.Background) { "background: $text" } }
        'BinaryExpressionAst' { if ($Node.Operator -eq 'QuestionQuestion') { "??: $text" } }
        'AssignmentStatementAst' { if ($Node.Operator -eq 'QuestionQuestionEquals') { "??=: $text" } }
        { $_ -in 'MemberExpressionAst', 'InvokeMemberExpressionAst', 'IndexExpressionAst' } { if ($Node.NullConditional) { "?. or ?[]: $text" } }
        'ScriptBlockAst' { if ($Node.CleanBlock) { 'clean block' } }
        'VariableExpressionAst' { if ($Node.VariablePath.UserPath -in $LaterVariables) { "variable: $text" } }
        'TypeExpressionAst' { if ($Node.TypeName.FullName -in $LaterTypes) { "type: $text" } }
        'AttributeAst' { Find-LaterAttribute $Node }
        'CommandAst' { Find-LaterCommand $Node }
        { $_ -in 'StringConstantExpressionAst', 'ExpandableStringExpressionAst' } { if ($Node.Value -match '^/(tmp|proc|dev|sys|etc|usr|var|bin|opt|home)\b') { "path that only Unix has: $text" } }
    }
}

function Find-LaterAttribute($Attribute) {
    $name = $Attribute.TypeName.Name
    if ($name -in $LaterAttributes) { "attribute: $name" }
    if ($name -eq 'ValidateRange' -and $Attribute.PositionalArguments.Count -lt 2) { "range kind: $($Attribute.Extent.Text)" }
}

function Find-LaterCommand($Command) {
    $name = $Command.GetCommandName()
    if ($null -eq $name -or $name -match '[/\\]') { return }
    # Aliases differ between systems, and so do programs.
    if ($name -cnotmatch '^[A-Z][A-Za-z]+-[A-Z][A-Za-z]+$') { return "no full name of a cmdlet: $name" }
    if ($name -match '-(NetFlow\w+|Process(Traffic|Connection|Bandwidth\w+))$') { return }
    if (-not $Known.ContainsKey($name)) { return "command that is not in this test's list of what 5.1 has: $name" }
    foreach ($element in $Command.CommandElements) {
        if ($element -isnot [System.Management.Automation.Language.CommandParameterAst]) { continue }
        if ($element.ParameterName -notin @($Known[$name]) + $CommonInBoth) { "parameter that is not in this test's list of what 5.1 has: $name -$($element.ParameterName)" }
    }
}

function Find-LaterToken($Token) {
    if ($Token.Kind -eq 'Number' -and $Token.Text -match '^[+-]?0b|^[^x]*[0-9](u|y|uy|s|us|ul|n)(kb|mb|gb|tb|pb)?$') { "number: $($Token.Text)" }
    if ($Token.Kind -in 'StringExpandable', 'HereStringExpandable' -and $Token.Text -cmatch '(?<!`)(``)*`(e|u\{)') { "escape: $($Token.Text)" }
    if ($Token -is [System.Management.Automation.Language.StringExpandableToken]) { foreach ($nested in $Token.NestedTokens) { Find-LaterToken $nested } }
}

# An assembly's target framework, what it refers to (name = version), and its public members, without loading it.
function Read-Assembly([string] $Path) {
    $stream = [System.IO.File]::OpenRead($Path)
    try {
        $image = [System.Reflection.PortableExecutable.PEReader]::new($stream)
        $metadata = [System.Reflection.Metadata.PEReaderExtensions]::GetMetadataReader($image)
        $references = @{}
        foreach ($handle in $metadata.AssemblyReferences) {
            $reference = $metadata.GetAssemblyReference($handle)
            $references[$metadata.GetString($reference.Name)] = $reference.Version
        }
        [pscustomobject] @{
            Framework = Read-Framework $image $metadata
            References = $references
            Members = @(Read-Member $metadata | Sort-Object -Unique)
        }
    }
    finally { $stream.Dispose() }
}

# The only text with that form among the values of the assembly's attributes.
function Read-Framework($Image, $Metadata) {
    foreach ($handle in $Metadata.GetAssemblyDefinition().GetCustomAttributes()) {
        $bytes = $Metadata.GetBlobBytes($Metadata.GetCustomAttribute($handle).Value)
        $text = [System.Text.Encoding]::UTF8.GetString($bytes)
        if ($text -match '\.NET(Framework|Standard|CoreApp),Version=v[0-9.]+') { return $Matches[0] }
    }
}

function Read-Member($Metadata) {
    foreach ($handle in $Metadata.TypeDefinitions) {
        $type = $Metadata.GetTypeDefinition($handle)
        if (($type.Attributes -band [System.Reflection.TypeAttributes]::VisibilityMask) -ne [System.Reflection.TypeAttributes]::Public) { continue }
        foreach ($method in $type.GetMethods()) {
            $definition = $Metadata.GetMethodDefinition($method)
            if (($definition.Attributes -band [System.Reflection.MethodAttributes]::MemberAccessMask) -ne [System.Reflection.MethodAttributes]::Public) { continue }
            "$($Metadata.GetString($type.Name)).$($Metadata.GetString($definition.Name))"
        }
    }
}
