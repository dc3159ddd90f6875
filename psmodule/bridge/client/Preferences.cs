using System.Collections.Generic;
using System.Management.Automation;

namespace NetFlow
{
    /// <summary>
    /// Copies $ErrorActionPreference and its like from a function's caller. PowerShell shows a module's functions only those
    /// of the global scope, and not those that a script or another module sets for itself.
    /// </summary>
    public static class Preferences
    {
        /// <summary>The variables, and the parameters that override them.</summary>
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

        /// <summary>Sets the preferences in the scope of the function that calls this, before anything else.</summary>
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
