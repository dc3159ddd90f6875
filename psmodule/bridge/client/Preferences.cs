using System.Collections.Generic;
using System.Management.Automation;

namespace NetFlow
{
    /// <summary>
    /// $ErrorActionPreference and its like, as the caller of a function has set them. PowerShell shows a module's functions
    /// those of the global scope only, and not what a script or another module sets for itself.
    /// </summary>
    public static class Preferences
    {
        /// <summary>The variable, and the parameter that goes before it.</summary>
        private static readonly Dictionary<string, string> Parameters = new Dictionary<string, string>
        {
            ["ErrorActionPreference"] = "ErrorAction",
            ["WarningPreference"] = "WarningAction",
            ["InformationPreference"] = "InformationAction",
            ["VerbosePreference"] = "Verbose",
            ["DebugPreference"] = "Debug",
            ["WhatIfPreference"] = "WhatIf",
            ["ConfirmPreference"] = "Confirm",
        };

        /// <summary>Sets them in the scope of the function that calls this, which is to do so before anything else.</summary>
        /// <param name="cmdlet">$PSCmdlet of the function.</param>
        /// <param name="own">$ExecutionContext.SessionState of the function.</param>
        public static void Inherit(PSCmdlet cmdlet, SessionState own)
        {
            foreach (var preference in Parameters)
            {
                if (cmdlet.MyInvocation.BoundParameters.ContainsKey(preference.Value)) continue;
                var value = cmdlet.SessionState.PSVariable.GetValue(preference.Key);
                if (value != null) own.PSVariable.Set(preference.Key, value);
            }
        }
    }
}
