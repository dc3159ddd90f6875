using System;
using System.Diagnostics;

namespace NetFlow
{
    /// <summary>Looks for processes that run, on the shell's side.</summary>
    internal static class RunningProcess
    {
        public static bool Exists(int id) => NameOf(id) != null;

        public static NetFlowException NotFound(int id) =>
            new NetFlowException("NOT_FOUND", $"There is no process {id}: Get-Process shows all that run.", id);

        /// <summary>Null for one that has exited.</summary>
        public static string? NameOf(int id)
        {
            try
            {
                using (var process = Process.GetProcessById(id)) return NameOf(process);
            }
            catch (ArgumentException)
            {
                return null;
            }
        }

        /// <summary>Null for one that has exited.</summary>
        public static string? NameOf(Process process)
        {
            try
            {
                return process.ProcessName;
            }
            catch (InvalidOperationException)
            {
                return null;
            }
        }
    }
}
