using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace NetFlow
{
    /// <summary>Finds Node.js.</summary>
    internal static class NodeProgram
    {
        private const string Variable = "NETFLOW_NODE";

        private static bool IsWindows => Path.DirectorySeparatorChar == '\\';

        /// <summary>Returns the program's path; throws HOST_NOT_STARTED, which names the places that were searched.</summary>
        /// <param name="moduleRoot">The folder of a module that has its own, if it was built on an old Node.js.</param>
        public static string Find(string moduleRoot)
        {
            var chosen = Environment.GetEnvironmentVariable(Variable);
            if (!string.IsNullOrEmpty(chosen))
            {
                if (File.Exists(chosen)) return chosen;
                throw Missing($"{Variable} says {chosen}, which is not a file: set it to the path of Node.js 22 or later, or remove it.");
            }
            var brought = Path.Combine(moduleRoot, "dist", "node");
            if (File.Exists(brought)) return brought;
            var folders = SearchPath().Concat(UsualFolders()).Distinct().ToList();
            var found = folders.Select(folder => Path.Combine(folder, IsWindows ? "node.exe" : "node")).FirstOrDefault(File.Exists);
            return found ?? throw Missing(
                $"Node.js, which the module's host requires, was not found in {string.Join(", ", folders)}: install Node.js 22 or later, or set {Variable} to its path.");
        }

        private static NetFlowException Missing(string message) => new NetFlowException(NetFlowException.HostNotStarted, message);

        // Leaves out relative folders, whose content depends on the shell's location.
        private static IEnumerable<string> SearchPath() =>
            (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
                .Split(Path.PathSeparator)
                .Select(folder => folder.Trim('"'))
                .Where(folder => folder.Length > 0 && Path.IsPathRooted(folder) && folder.IndexOfAny(Path.GetInvalidPathChars()) < 0);

        private static IEnumerable<string> UsualFolders()
        {
            if (!IsWindows) return new[] { "/usr/local/bin", "/usr/bin", "/opt/node/bin" };
            return new[] { Environment.SpecialFolder.ProgramFiles, Environment.SpecialFolder.ProgramFilesX86 }
                .Select(Environment.GetFolderPath)
                .Where(folder => folder.Length > 0)
                .Select(folder => Path.Combine(folder, "nodejs"));
        }
    }
}
