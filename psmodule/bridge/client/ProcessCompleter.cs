using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace NetFlow
{
    /// <summary>Completes ids and names with running processes. It doesn't ask the host, for which a user would have to wait.</summary>
    public sealed class ProcessCompleter : IArgumentCompleter
    {
        public IEnumerable<CompletionResult> CompleteArgument(
            string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
        {
            var typed = (wordToComplete ?? string.Empty).Trim('\'', '"');
            var running = RunningProcess.Names().Where(process => !RunningProcess.IsOfKernel(process.Id));
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
                .Select(group => new CompletionResult(Completion.Quoted(WildcardPattern.Escape(group.Key)), group.Key, CompletionResultType.ParameterValue, Ids(group)));
        }

        private static string Ids(IEnumerable<(int Id, string Name)> processes) =>
            string.Join(", ", processes.Take(5).Select(process => process.Id.ToString(CultureInfo.InvariantCulture)));

    }
}
