using System.Management.Automation;

namespace NetFlow
{
    /// <summary>Closes the host when the module is removed.</summary>
    public sealed class ModuleEvents : IModuleAssemblyCleanup
    {
        public void OnRemove(PSModuleInfo psModuleInfo) => Bridge.Close();
    }
}
