using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace NetFlow
{
    /// <summary>Completes ids and names of processes with what is running. It doesn't ask the host, so it never keeps anyone waiting.</summary>
    public sealed class ProcessCompleter : IArgumentCompleter
    {
        public IEnumerable<CompletionResult> CompleteArgument(
            string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
        {
            var typed = (wordToComplete ?? string.Empty).Trim('\'', '"');
            var running = Running();
            return parameterName == "Id" ? Ids(running, typed) : Names(running, typed);
        }

        private static IEnumerable<CompletionResult> Ids(IEnumerable<(int Id, string Name)> running, string typed) =>
            running
                .Select(process => (Text: process.Id.ToString(CultureInfo.InvariantCulture), process.Name, process.Id))
                .Where(process => process.Text.StartsWith(typed, StringComparison.Ordinal))
                .OrderBy(process => process.Id)
                .Select(process => new CompletionResult(process.Text, $"{process.Text} {process.Name}", CompletionResultType.ParameterValue, process.Name));

        private static IEnumerable<CompletionResult> Names(IEnumerable<(int Id, string Name)> running, string typed)
        {
            var pattern = new WildcardPattern(typed + "*", WildcardOptions.IgnoreCase);
            return running
                .Where(process => pattern.IsMatch(process.Name))
                .GroupBy(process => process.Name, StringComparer.OrdinalIgnoreCase)
                .OrderBy(group => group.Key, StringComparer.OrdinalIgnoreCase)
                .Select(group => new CompletionResult(Quoted(group.Key), group.Key, CompletionResultType.ParameterValue, Ids(group)));
        }

        private static string Ids(IEnumerable<(int Id, string Name)> processes) =>
            string.Join(", ", processes.Take(5).Select(process => process.Id.ToString(CultureInfo.InvariantCulture)));

        private static List<(int Id, string Name)> Running()
        {
            var running = new List<(int Id, string Name)>();
            foreach (var process in Process.GetProcesses())
            {
                using (process)
                {
                    try
                    {
                        running.Add((process.Id, process.ProcessName));
                    }
                    catch (InvalidOperationException)
                    {
                        // It has exited meanwhile.
                    }
                }
            }
            return running;
        }

        private static string Quoted(string name)
        {
            var escaped = WildcardPattern.Escape(name);
            return escaped.All(character => char.IsLetterOrDigit(character) || character == '-' || character == '_' || character == '.')
                ? escaped
                : "'" + escaped.Replace("'", "''") + "'";
        }
    }
}
