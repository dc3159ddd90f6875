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

    It 'has Group Policy write what NetFlow reads' {
        $reader = Get-Content -LiteralPath "$Root/core/driver/windows/registry-policy.ts" -Raw
        $policy.class | Should -BeExactly 'Machine'
        $reader | Should -Match ([regex]::Escape("String.raw``$($policy.key)``"))
        $reader | Should -Match "name: '$($policy.valueName)'"
        $policy.elements.list.key | Should -BeExactly "$($policy.key)\Limits"
        $policy.elements.list.explicitValue | Should -BeExactly 'true'
        $policy.enabledValue.decimal.value, $policy.disabledValue.decimal.value | Should -Be '1', '0'
    }

    It 'says what each of its three states does' {
        $help = ($texts.stringTable.string | Where-Object -Property id -EQ 'LimitsHelp').'#text'
        foreach ($state in 'Enabled', 'Disabled', 'Not Configured') { $help | Should -Match "(?m)^${state}: " }
    }
}
