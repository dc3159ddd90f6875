using System.IO;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace NetFlow
{
    /// <summary>
    /// Prepares the host when the module is imported, and closes it when the module is removed. This is no script, since
    /// PowerShell would spend more time on compiling one than all of this takes.
    /// </summary>
    public sealed class ModuleEvents : IModuleAssemblyInitializer, IModuleAssemblyCleanup
    {
        /// <summary>From dist/psmodule/client/FRAMEWORK to the folder of NetFlow.psd1.</summary>
        private const string ToRoot = "../../../..";

        public void OnImport()
        {
            var mode = Runspace.DefaultRunspace?.SessionStateProxy.LanguageMode ?? PSLanguageMode.FullLanguage;
            if (mode != PSLanguageMode.FullLanguage)
            {
                throw new PSNotSupportedException(
                    $"NetFlow requires a shell in full language mode, and this one is in {mode} mode: allow the module in the machine's application control policy, or use another shell.");
            }
            var folder = Path.GetDirectoryName(typeof(ModuleEvents).Assembly.Location)!;
            Bridge.Prepare(Path.GetFullPath(Path.Combine(folder, ToRoot)));
        }

        public void OnRemove(PSModuleInfo psModuleInfo) => Bridge.Close();
    }
}
