using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace NetFlow
{
    /// <summary>Completes ids and paths that have a limit. It asks the host that runs, and starts none.</summary>
    public sealed class LimitCompleter : IArgumentCompleter
    {
        private const int PatienceMilliseconds = 2000;

        public IEnumerable<CompletionResult> CompleteArgument(
            string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
        {
            var typed = (wordToComplete ?? string.Empty).Trim('\'', '"');
            var limits = Limits().Where(limit => commandName != "Remove-ProcessBandwidthLimit" || limit.Source == "local");
            return parameterName == "Id" ? Ids(limits, typed) : Paths(limits, typed, parameterName);
        }

        private static IEnumerable<ProcessBandwidthLimit> Limits()
        {
            if (Bridge.HostProcessId == 0) return Array.Empty<ProcessBandwidthLimit>();
            using (var call = Bridge.GetLimits(new LimitFilter(fromPipeline: false)))
            {
                return call.TakeWithin(PatienceMilliseconds).Cast<ProcessBandwidthLimit>();
            }
        }

        private static IEnumerable<CompletionResult> Ids(IEnumerable<ProcessBandwidthLimit> limits, string typed) =>
            limits
                .Where(limit => limit.ProcessId != null)
                .Select(limit => Convert.ToString(limit.ProcessId, CultureInfo.InvariantCulture)!)
                .Where(id => id.StartsWith(typed, StringComparison.Ordinal))
                .Select(id => Completion.Result(id, id));

        private static IEnumerable<CompletionResult> Paths(IEnumerable<ProcessBandwidthLimit> limits, string typed, string parameterName)
        {
            var pattern = new WildcardPattern(typed + "*", WildcardOptions.IgnoreCase);
            return limits
                .Select(limit => limit.Path)
                .OfType<string>()
                .Where(path => pattern.IsMatch(path) || pattern.IsMatch(Path.GetFileName(path)))
                .Distinct()
                .OrderBy(path => path, StringComparer.OrdinalIgnoreCase)
                .Select(path => Completion.Result(Completion.QuotedPath(path, parameterName), path));
        }
    }
}
