BeforeAll {
    . $PSScriptRoot/support/Support.ps1
    $folder = "$(Split-Path -Path $Manifest)/psmodule/policy"
    $definitions = ([xml] (Get-Content -LiteralPath "$folder/NetFlow.admx" -Raw)).policyDefinitions
    $texts = ([xml] (Get-Content -LiteralPath "$folder/en-US/NetFlow.adml" -Raw)).policyDefinitionResources.resources
    $policy = $definitions.policies.policy

    # What the attributes of a template name in its language file: $(string.Name), $(presentation.Name).
    function Get-Reference([string] $Kind) {
        [regex]::Matches((Get-Content -LiteralPath "$folder/NetFlow.admx" -Raw), "\`$\($Kind\.(\w+)\)") |
            ForEach-Object -Process { $_.Groups[1].Value } | Sort-Object -Unique
    }
}

Describe 'the administrative template' {
    It 'finds each of its texts in the language file, which has no other' {
        Get-Reference 'string' | Should -Be ($texts.stringTable.string.id | Sort-Object)
        Get-Reference 'presentation' | Should -Be $texts.presentationTable.presentation.id
    }

    It 'names its own category and system, and an element for each control' {
        $policy.parentCategory.ref | Should -BeExactly $definitions.categories.category.name
        $policy.supportedOn.ref | Should -BeExactly $definitions.supportedOn.definitions.definition.name
        $texts.presentationTable.presentation.listBox.refId | Should -BeExactly $policy.elements.list.id
    }

    # The keys and values themselves: test/windows/limits.test.ts has NetFlow read what this template writes.
    It 'is of the machine, and writes each limit as a value with its path as the name' {
        $policy.class | Should -BeExactly 'Machine'
        $policy.elements.list.explicitValue | Should -BeExactly 'true'
    }

    It 'says what each of its three states does' {
        $help = ($texts.stringTable.string | Where-Object -Property id -EQ 'LimitsHelp').'#text'
        foreach ($state in 'Enabled', 'Disabled', 'Not Configured') { $help | Should -Match "(?m)^${state}: " }
    }
}
