using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace NetFlow
{
    /// <summary>The processes that a call asks for; all where it names none.</summary>
    internal sealed class Wanted
    {
        private readonly string[] names;
        private bool told;

        public Wanted(int[]? ids, string[]? names)
        {
            Ids = ids ?? Array.Empty<int>();
            this.names = names ?? Array.Empty<string>();
        }

        public int[] Ids { get; }

        /// <summary>As the core takes them: it knows no backtick, which takes a wildcard's meaning in PowerShell.</summary>
        public string[] Patterns => names.Select(name => Regex.Replace(name, "`(.)", match => Literal(match.Groups[1].Value))).ToArray();

        /// <summary>What no process has; told once, with the first batch.</summary>
        public Missing? TakeMissing(Payload payload, Array rows)
        {
            if (told) return null;
            told = true;
            var ids = new int[payload.Tables[1].Rows];
            for (var row = 0; row < ids.Length; row++) ids[row] = payload.Tables[1].Int(row, 0);
            return new Missing(ids, MissingNames(rows));
        }

        // A process without sockets or traffic is in no row, but it is there.
        private string[] MissingNames(Array rows)
        {
            var found = new HashSet<string?>(rows.Cast<object>().Select(NameOf), StringComparer.OrdinalIgnoreCase);
            return names
                .Where(name => !WildcardPattern.ContainsWildcardCharacters(name))
                .Select(WildcardPattern.Unescape)
                .Where(name => !found.Contains(name) && !IsRunning(name))
                .Distinct(StringComparer.OrdinalIgnoreCase)
                .ToArray();
        }

        private static string? NameOf(object row) =>
            row is ProcessTraffic traffic ? traffic.ProcessName : ((ProcessConnection)row).ProcessName;

        private static bool IsRunning(string name)
        {
            var processes = Process.GetProcessesByName(name);
            foreach (var process in processes) process.Dispose();
            return processes.Length > 0;
        }

        private static string Literal(string character) => "*?[".Contains(character) ? "[" + character + "]" : character;
    }

    /// <summary>Ids and names that were asked for and that no process has.</summary>
    internal sealed class Missing
    {
        public Missing(int[] ids, string[] names)
        {
            Ids = ids;
            Names = names;
        }

        public int[] Ids { get; }

        public string[] Names { get; }
    }
}
