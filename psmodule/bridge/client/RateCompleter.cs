using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace NetFlow
{
    /// <summary>Completes rates with examples of how they are written.</summary>
    public sealed class RateCompleter : IArgumentCompleter
    {
        private static readonly string[] Examples = { "none", "100KB", "1MB", "10MB", "1mbit", "10mbit", "100mbit" };

        public IEnumerable<CompletionResult> CompleteArgument(
            string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
            Examples
                .Where(rate => rate.StartsWith((wordToComplete ?? string.Empty).Trim('\'', '"'), StringComparison.OrdinalIgnoreCase))
                .Select(rate => Completion.Result(rate, rate));
    }
}
