# What can be known of Windows PowerShell 5.1 without a Windows machine.
BeforeDiscovery {
    . $PSScriptRoot/support/Support.ps1
    $folder = "$Root/psmodule"
    $scripts = @(Get-Item -Path "$Root/NetFlow.psd1") + @(Get-ChildItem -Path $folder -Include '*.ps1', '*.psm1' -Recurse -Exclude 'node_modules')
    $files = @($scripts + @(Get-ChildItem -Path $folder -Include '*.ps1xml', '*.help.txt' -Recurse) | Where-Object -Property FullName -NotMatch -Value 'node_modules' |
            ForEach-Object -Process { @{ Name = $_.Name; Path = $_.FullName } })
    $scripts = @($scripts | Where-Object -Property FullName -NotMatch -Value 'node_modules' | ForEach-Object -Process { @{ Name = $_.Name; Path = $_.FullName } })
}

BeforeAll {
    . $PSScriptRoot/support/Support.ps1

    # Syntax that Windows PowerShell does not know.
    function Get-NewSyntax([string] $Text) {
        $tokens = $errors = $null
        $tree = [System.Management.Automation.Language.Parser]::ParseInput($Text, [ref] $tokens, [ref] $errors)
        foreach ($problem in $errors) { "error: $($problem.Message)" }
        $tokens | Where-Object -FilterScript { $_.Kind -in 'QuestionQuestion', 'QuestionQuestionEquals', 'QuestionDot', 'QuestionLBracket', 'AndAnd', 'OrOr' } | ForEach-Object -Process { [string] $_.Kind }
        $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.TernaryExpressionAst] }, $true) | ForEach-Object -Process { 'Ternary' }
        $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.PipelineAst] -and $args[0].Background }, $true) | ForEach-Object -Process { 'Background' }
        $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.ScriptBlockAst] -and $args[0].CleanBlock }, $true) | ForEach-Object -Process { 'Clean' }
        $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandParameterAst] -and $args[0].ParameterName -in 'Parallel', 'AsArray', 'AsHashtable', 'NoEmphasis' }, $true) |
            ForEach-Object -Process { "-$($_.ParameterName)" }
        $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.VariableExpressionAst] -and $args[0].VariablePath.UserPath -in 'IsLinux', 'IsWindows', 'IsMacOS', 'IsCoreCLR', 'PSStyle' }, $true) |
            ForEach-Object -Process { "`$$($_.VariablePath.UserPath)" }
    }
}

Describe 'the search for new syntax' {
    It 'finds <Expected>' -ForEach @(
        @{ Expected = 'QuestionQuestion'; Text = '$a ?? 1' }
        @{ Expected = 'QuestionQuestionEquals'; Text = '$a ??= 1' }
        @{ Expected = 'QuestionDot'; Text = '${a}?.b' }
        @{ Expected = 'QuestionLBracket'; Text = '${a}?[0]' }
        @{ Expected = 'AndAnd'; Text = 'a && b' }
        @{ Expected = 'OrOr'; Text = 'a || b' }
        @{ Expected = 'Ternary'; Text = '$a ? 1 : 2' }
        @{ Expected = 'Background'; Text = 'a &' }
        @{ Expected = 'Clean'; Text = 'function f { process { 1 } clean { 2 } }' }
        @{ Expected = '-Parallel'; Text = '1 | ForEach-Object -Parallel { 2 }' }
        @{ Expected = '$IsLinux'; Text = 'if ($IsLinux) { 1 }' }
    ) {
        Get-NewSyntax $Text | Should -Contain $Expected
    }
}

Describe '<Name>' -ForEach $scripts {
    It 'is written for Windows PowerShell 5.1 too' {
        Get-NewSyntax (Get-Content -Path $Path -Raw) | Should -BeNullOrEmpty
    }

    It 'calls commands by their full names' {
        $tree = [System.Management.Automation.Language.Parser]::ParseFile($Path, [ref] $null, [ref] $null)
        $called = $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true) | ForEach-Object -Process { $_.GetCommandName() } | Where-Object -FilterScript { $_ }
        @($called | Where-Object -FilterScript { $_ -notmatch '^[A-Z]\w+-[A-Z]\w+$' }) | Should -BeNullOrEmpty
    }

}

Describe '<Name>' -ForEach ($scripts | Where-Object -FilterScript { $_.Name -like '*.ps1' }) {
    It 'holds one function, of its own name' {
        $tree = [System.Management.Automation.Language.Parser]::ParseFile($Path, [ref] $null, [ref] $null)
        @($tree.EndBlock.Statements).Count | Should -Be 1
        $tree.EndBlock.Statements[0].Name | Should -BeExactly ([System.IO.Path]::GetFileNameWithoutExtension($Path))
    }
}

Describe 'the text of <Name>' -ForEach $files {
    It 'is ASCII, which Windows PowerShell reads the same whatever the system''s encoding is' {
        @([System.IO.File]::ReadAllBytes($Path) | Where-Object -FilterScript { $_ -gt 127 }).Count | Should -Be 0
    }
}

Describe 'the client for the .NET Framework' {
    It 'refers to nothing but the Framework and PowerShell' {
        $assembly = [System.Reflection.Metadata.PEReaderExtensions]
        $stream = [System.IO.File]::OpenRead("$Root/dist/module/NetFlow/dist/psmodule/client/net472/NetFlow.Client.dll")
        $reader = [System.Reflection.PortableExecutable.PEReader]::new($stream)
        try {
            $metadata = $assembly::GetMetadataReader($reader)
            $names = foreach ($reference in $metadata.AssemblyReferences) { $metadata.GetString($metadata.GetAssemblyReference($reference).Name) }
        }
        finally {
            $reader.Dispose()
        }
        $names | Should -Contain 'mscorlib'
        @($names | Where-Object -FilterScript { $_ -notin 'mscorlib', 'System', 'System.Core', 'System.Management.Automation' }) | Should -BeNullOrEmpty
    }

    It 'is the same client: the same types with the same members' {
        $types = foreach ($framework in 'net472', 'netstandard2.0') {
            $stream = [System.IO.File]::OpenRead("$Root/dist/module/NetFlow/dist/psmodule/client/$framework/NetFlow.Client.dll")
            $reader = [System.Reflection.PortableExecutable.PEReader]::new($stream)
            try {
                $metadata = [System.Reflection.Metadata.PEReaderExtensions]::GetMetadataReader($reader)
                $names = foreach ($handle in $metadata.TypeDefinitions) {
                    $type = $metadata.GetTypeDefinition($handle)
                    if ($metadata.GetString($type.Namespace) -ne 'NetFlow') { continue }
                    foreach ($method in $type.GetMethods()) { "$($metadata.GetString($type.Name)).$($metadata.GetString($metadata.GetMethodDefinition($method).Name))" }
                }
                , @($names | Sort-Object -Unique)
            }
            finally { $reader.Dispose() }
        }
        $types[0] | Should -Be $types[1]
    }
}

Describe 'what is shipped' {
    It 'has none of PowerShell''s own assemblies' {
        Get-ChildItem -Path "$Root/dist/module/NetFlow" -Recurse -Filter 'System.Management.Automation.dll' | Should -BeNullOrEmpty
    }
}
