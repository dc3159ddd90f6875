using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Text.RegularExpressions;

namespace NetFlow
{
    /// <summary>Finds running processes without the host.</summary>
    internal static class RunningProcess
    {
        public static bool Exists(int id) => NameOf(id) != null;

        public static NetFlowException NotFound(int id) =>
            new NetFlowException("NOT_FOUND", $"There is no process {id}: Get-Process shows all processes.", id);

        /// <summary>
        /// Returns the ids and names of all processes. On Linux a process has two where its executable's file has
        /// another name than Get-Process and ps show.
        /// </summary>
        public static List<(int Id, string Name)> Names() => Collect<(int Id, string Name)>((process, found) =>
        {
            if (!(NameOf(process) is string name)) return;
            found.Add((process.Id, name));
            if (IsWindows) return;
            var file = Regex.Replace(Path.GetFileName(PathOf(process)) ?? string.Empty, @" \(deleted\)$", string.Empty); // since it started
            if (file.Length > 0 && file != name) found.Add((process.Id, file));
        });

        public static bool IsWindows => Path.DirectorySeparatorChar == '\\';

        /// <summary>Returns the full paths of all processes' executables, as far as this shell may see them.</summary>
        public static List<string> Executables() => Collect<string>((process, found) =>
        {
            if (PathOf(process) is string path && Path.IsPathRooted(path) && File.Exists(path)) found.Add(path);
        });

        /// <summary>Whether it is a thread of Linux's own, which has no command line and transfers nothing.</summary>
        public static bool IsOfKernel(int id)
        {
            if (IsWindows) return false;
            try
            {
                using (var commandLine = File.OpenRead($"/proc/{id}/cmdline")) return commandLine.ReadByte() < 0;
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException)
            {
                return false;
            }
        }

        /// <summary>Returns null for a process that has exited.</summary>
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

        /// <summary>Returns null for a process that has exited.</summary>
        private static string? NameOf(Process process)
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

        /// <summary>Returns null for a process that has exited, has no executable, or belongs to the system.</summary>
        private static string? PathOf(Process process)
        {
            try
            {
                return process.MainModule?.FileName;
            }
            catch (Exception error) when (error is InvalidOperationException || error is Win32Exception || error is NotSupportedException)
            {
                return null;
            }
        }

        private static List<Item> Collect<Item>(Action<Process, List<Item>> add)
        {
            var found = new List<Item>();
            foreach (var process in Process.GetProcesses())
            {
                using (process) add(process, found);
            }
            return found;
        }
    }
}
